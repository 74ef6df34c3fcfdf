import type { ClientChannel } from "ssh2";
import { Deadline } from "../../core/deadline.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { Milliseconds, Seconds } from "../../core/words.ts";
import { printable } from "../docker/streams.ts";
import type { Connection } from "../ssh/connection.ts";
import { quote } from "../ssh/quote.ts";
import { Semaphore } from "../ssh/semaphore.ts";
import { holderOf, LEASE_NAME } from "./holder.ts";

/** The exclusive right to change one host. */
export interface Lease {
  /** Aborts if the lease is lost, not if it is released: change nothing more, reconnect, acquire it again, observe again. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

export interface LeaseOptions {
  readonly deadline: Deadline;
  /** Called once with the holder if it is not free: `ci@build-7 since 14:02:11 (35 s)`. */
  readonly waiting?: (holder: string) => void;
}

const HEARTBEAT_INTERVAL: Milliseconds = 5_000;
/** The host frees the lease this long after the last heartbeat that it received. */
const HOST_TIMEOUT: Seconds = 20;
/** Shorter than the host's: what is sent after that could reach the host while another run holds the lease. */
const OUR_TIMEOUT: Milliseconds = 15_000;
/** A free lease is acquired in 10 ms; only after this delay is the holder looked up. */
const HOLDER_DELAY: Milliseconds = 250;
const RELEASE_TIMEOUT: Seconds = 10;

/**
 * An existing file that every user can read: nothing is created on the host, nothing can be left over, and all users share it.
 * The kernel frees the lock when the last process that holds it ends, however it ends.
 */
const FILES = ["/etc/os-release", "/etc/passwd"] as const;

/** $1 seconds to wait, $2 owner; the names of the files follow. `flock` waits, so there is no polling. */
const ACQUIRE = `
wait=$1 owner=$2; shift 2
command -v flock >/dev/null 2>&1 || { echo missing; exit 0; }
for file do [ -e "$file" ] && break; done
exec flock -w "$wait" "$file" sh -c 'echo held; while timeout ${HOST_TIMEOUT} sh -c "read beat"; do echo alive; done' ${LEASE_NAME} "$owner"
`;

/** The leases of one host in this process. Its own callers queue here, without a channel. */
export class Leases {
  readonly #connection: Connection;
  readonly #queue = new Semaphore(1);
  #held: { readonly owner: string; readonly since: number } | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async acquire(owner: string, { deadline, waiting = () => {} }: LeaseOptions): Promise<Lease> {
    const name = printable(owner).replace(/\s+/g, " ").slice(0, 100) || "unknown";
    let holder: string | undefined;
    const report = (found: string) => {
      holder ??= found;
      if (holder === found) waiting(found);
    };
    const leaveQueue = await this.#waitInQueue(deadline, report);
    try {
      const lease = await acquireOnHost(this.#connection, name, deadline, report, () => this.#tooLate(holder));
      this.#held = { owner: name, since: Date.now() };
      return {
        lost: lease.lost,
        release: async () => {
          try {
            await lease.release();
          } finally {
            this.#held = undefined;
            leaveQueue();
          }
        },
      };
    } catch (error) {
      leaveQueue();
      throw error;
    }
  }

  async #waitInQueue(deadline: Deadline, report: (holder: string) => void): Promise<() => void> {
    const held = this.#held;
    if (held !== undefined) report(`${describe(held.owner, Date.now() - held.since)}, in this run`);
    const late = new AbortController();
    const turn = this.#queue.acquire(late.signal);
    return deadline.race(turn, () => {
      const error = this.#tooLate(held === undefined ? undefined : `${held.owner}, in this run`);
      turn.catch(() => {});
      late.abort(error);
      return error;
    });
  }

  #tooLate(holder: string | undefined): SlipwayError {
    const { host } = this.#connection;
    return new SlipwayError({
      code: "LEASE_TIMEOUT",
      what: `timed out waiting for the lease of ${host}`,
      host,
      evidence: [`held by ${holder ?? "another run"}`],
      servesNow: NOTHING_TOUCHED,
      next: "wait for the other run to end, then run again; the lease of a killed run is freed within 30 s",
    });
  }
}

async function acquireOnHost(
  connection: Connection,
  owner: string,
  deadline: Deadline,
  report: (holder: string) => void,
  tooLate: () => SlipwayError,
): Promise<Lease> {
  const lost = new AbortController();
  const seconds = String(Math.max(1, Math.ceil(deadline.remaining / 1000)));
  const command = quote(["sh", "-c", ACQUIRE, "slipway-acquire", seconds, owner, ...FILES]);
  const channel = await connection.open(
    "lease",
    "lease",
    (client, done) => client.exec(command, done),
    (loss) => lost.abort(loss),
  );
  const closed = new Promise<void>((resolve) => channel.once("close", resolve));
  const gone = new Promise<void>((resolve) => lost.signal.addEventListener("abort", () => resolve(), { once: true }));
  const ended = Promise.race([closed, gone]);
  const slow = setTimeout(() => void reportHolder(connection, report), HOLDER_DELAY);
  let answer: string;
  try {
    answer = await deadline.race(firstLine(channel, ended), tooLate);
  } catch (error) {
    channel.close();
    throw error;
  } finally {
    clearTimeout(slow);
  }
  if (answer !== "held") {
    channel.close();
    if (lost.signal.aborted) throw lost.signal.reason;
    throw answer === "missing" ? noFlock(connection) : tooLate();
  }
  return keepAlive(connection, channel, lost, ended);
}

/** Sends heartbeats and listens for the echo. */
function keepAlive(connection: Connection, channel: ClientChannel, lost: AbortController, ended: Promise<void>): Lease {
  let heard = performance.now();
  channel.on("data", () => {
    heard = performance.now();
  });
  const beats = setInterval(() => {
    if (performance.now() - heard < OUR_TIMEOUT) return void channel.write("\n");
    // What is still in transit must not arrive after another run acquired the lease.
    connection.drop("the host does not answer the heartbeat of the lease");
  }, HEARTBEAT_INTERVAL);
  let over = false;
  const lose = () => {
    clearInterval(beats);
    if (over) return;
    over = true;
    lost.abort(connection.loseLease("the lease ended by itself"));
  };
  // In the event itself, so that no call of ours comes between the loss and its notice.
  lost.signal.addEventListener("abort", lose, { once: true });
  channel.once("close", lose);
  void ended.then(lose);
  return {
    lost: lost.signal,
    release: async () => {
      over = true;
      connection.forgetLease();
      clearInterval(beats);
      channel.end();
      await Deadline.in(RELEASE_TIMEOUT)
        .race(ended, () => new Error("no end"))
        // The host frees it by itself.
        .catch(() => channel.close());
    },
  };
}

/** The first line of the output, or what came of it before the end. */
function firstLine(channel: ClientChannel, ended: Promise<void>): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const onData = (data: Buffer) => {
      text += data.toString("latin1");
      if (!text.includes("\n")) return;
      channel.off("data", onData);
      resolve(text.split("\n", 1)[0] ?? "");
    };
    channel.on("data", onData);
    channel.stderr.resume();
    void ended.then(() => resolve(text.trim()));
  });
}

async function reportHolder(connection: Connection, report: (holder: string) => void): Promise<void> {
  const holder = await holderOf(connection).catch(() => undefined);
  report(holder === undefined ? "another process on the host" : describe(holder.owner, holder.seconds * 1000));
}

function describe(owner: string, age: Milliseconds): string {
  const since = new Date(Date.now() - age).toTimeString().slice(0, 8);
  return `${owner} since ${since} (${Math.round(age / 1000)} s)`;
}

const noFlock = ({ host }: Connection): SlipwayError =>
  new SlipwayError({
    code: "LEASE_UNSUPPORTED",
    what: "flock is missing on the host; it keeps two runs from changing the host at the same time",
    host,
    servesNow: NOTHING_TOUCHED,
    next: "install util-linux on the host",
  });
