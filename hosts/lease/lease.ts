import type { ClientChannel } from "ssh2";
import { Deadline } from "../../core/deadline.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { Milliseconds, Seconds } from "../../core/words.ts";
import { printable } from "../docker/streams.ts";
import type { Connection } from "../ssh/connection.ts";
import { ConnectionLost } from "../ssh/connection-lost.ts";
import { quote } from "../ssh/quote.ts";
import { Turns } from "../ssh/turns.ts";
import { holderOf, LEASE_NAME } from "./holder.ts";

/** The exclusive right to change one host. */
export interface Lease {
  /** Aborts when the right is gone without our doing: change nothing more, connect again, take it again, look again. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

export interface LeaseOptions {
  readonly deadline: Deadline;
  /** Hears who holds it, once, if it is not free: `ci@build-7 since 14:02:11 (35 s)`. */
  readonly waiting?: (holder: string) => void;
}

/** How often we say that we live. */
const BEAT: Milliseconds = 5_000;
/** The host frees the lease this long after the last beat that it heard. */
const HOST_PATIENCE: Seconds = 20;
/** We stop sooner than the host does: what we send after that could reach it while somebody else holds the lease. */
const OUR_PATIENCE: Milliseconds = 15_000;
/** A free lease is had in 10 ms; only after this is a holder looked for. */
const UNSURE: Milliseconds = 250;
const RELEASE: Seconds = 10;

/**
 * An existing file that everybody can read: nothing is made on the host, nothing can be left over, and users of any name share it.
 * The kernel frees the lock with the last process that has it, however that ends.
 */
const FILES = ["/etc/os-release", "/etc/passwd"] as const;

/** $1 seconds to wait, $2 owner; the names of the files follow. `flock` does the waiting, so that waiters are served without polling. */
const TAKE = `
wait=$1 owner=$2; shift 2
command -v flock >/dev/null 2>&1 || { echo missing; exit 0; }
for file do [ -e "$file" ] && break; done
exec flock -w "$wait" "$file" sh -c 'echo held; while timeout ${HOST_PATIENCE} sh -c "read beat"; do echo alive; done' ${LEASE_NAME} "$owner"
`;

/** The leases of one host as this process sees them: its own callers stand in line here and need no channel for that. */
export class Leases {
  readonly #connection: Connection;
  readonly #line = new Turns(1);
  #held: { readonly owner: string; readonly since: number } | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async take(owner: string, { deadline, waiting = () => {} }: LeaseOptions): Promise<Lease> {
    const name = printable(owner).replace(/\s+/g, " ").slice(0, 100) || "somebody";
    let holder: string | undefined;
    const tell = (who: string) => {
      holder ??= who;
      if (holder === who) waiting(who);
    };
    const endTurn = await this.#standInLine(deadline, tell);
    try {
      const lease = await hold(this.#connection, name, deadline, tell, () => this.#tooLate(holder));
      this.#held = { owner: name, since: Date.now() };
      return {
        lost: lease.lost,
        release: async () => {
          try {
            await lease.release();
          } finally {
            this.#held = undefined;
            endTurn();
          }
        },
      };
    } catch (error) {
      endTurn();
      throw error;
    }
  }

  async #standInLine(deadline: Deadline, tell: (holder: string) => void): Promise<() => void> {
    const held = this.#held;
    if (held !== undefined) tell(`${describe(held.owner, Date.now() - held.since)}, in this run`);
    const late = new AbortController();
    const turn = this.#line.take(late.signal);
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
      what: `the right to change ${host} was not free in time`,
      host,
      evidence: [`held by ${holder ?? "somebody else"}`],
      servesNow: NOTHING_TOUCHED,
      next: "wait for the other run to end, then run again; a run that died frees it within 30 s",
    });
  }
}

async function hold(
  connection: Connection,
  owner: string,
  deadline: Deadline,
  tell: (holder: string) => void,
  tooLate: () => SlipwayError,
): Promise<Lease> {
  const lost = new AbortController();
  const seconds = String(Math.max(1, Math.ceil(deadline.remaining / 1000)));
  const command = quote(["sh", "-c", TAKE, "slipway-take", seconds, owner, ...FILES]);
  const channel = await connection.open(
    "lease",
    "lease",
    (client, done) => client.exec(command, done),
    (loss) => lost.abort(loss),
  );
  const closed = new Promise<void>((resolve) => channel.once("close", resolve));
  const gone = new Promise<void>((resolve) => lost.signal.addEventListener("abort", () => resolve(), { once: true }));
  const ended = Promise.race([closed, gone]);
  const unsure = setTimeout(() => void tellHolder(connection, tell), UNSURE);
  let answer: string;
  try {
    answer = await deadline.race(firstLine(channel, ended), tooLate);
  } catch (error) {
    channel.close();
    throw error;
  } finally {
    clearTimeout(unsure);
  }
  if (answer !== "held") {
    channel.close();
    if (lost.signal.aborted) throw lost.signal.reason;
    throw answer === "missing" ? noFlock(connection) : tooLate();
  }
  return keep(connection, channel, lost, ended);
}

/** Beats, and listens for the echo. */
function keep(connection: Connection, channel: ClientChannel, lost: AbortController, ended: Promise<void>): Lease {
  let heard = performance.now();
  channel.on("data", () => {
    heard = performance.now();
  });
  const beats = setInterval(() => {
    if (performance.now() - heard < OUR_PATIENCE) return void channel.write("\n");
    // Whatever is still on its way must not arrive after somebody else took over.
    connection.drop("the host does not answer the heartbeat of the lease");
  }, BEAT);
  let released = false;
  void ended.then(() => {
    clearInterval(beats);
    if (released) return;
    connection.leaseLoss = connection.lastLoss ?? new ConnectionLost(connection.host, "the lease ended by itself");
    lost.abort(lost.signal.reason ?? connection.leaseLoss);
  });
  return {
    lost: lost.signal,
    release: async () => {
      released = true;
      connection.leaseLoss = undefined;
      clearInterval(beats);
      channel.end();
      await Deadline.in(RELEASE)
        .race(ended, () => new Error("no end"))
        // The host frees it without us.
        .catch(() => channel.close());
    },
  };
}

/** The first line of the output; empty when there is none. */
function firstLine(channel: ClientChannel, ended: Promise<void>): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const hear = (data: Buffer) => {
      text += data.toString("latin1");
      if (!text.includes("\n")) return;
      channel.off("data", hear);
      resolve(text.split("\n", 1)[0] ?? "");
    };
    channel.on("data", hear);
    channel.stderr.resume();
    void ended.then(() => resolve(text.trim()));
  });
}

async function tellHolder(connection: Connection, tell: (holder: string) => void): Promise<void> {
  const holder = await holderOf(connection).catch(() => undefined);
  tell(holder === undefined ? "another process on the host" : describe(holder.owner, holder.seconds * 1000));
}

function describe(owner: string, age: Milliseconds): string {
  const since = new Date(Date.now() - age).toTimeString().slice(0, 8);
  return `${owner} since ${since} (${Math.round(age / 1000)} s)`;
}

const noFlock = ({ host }: Connection): SlipwayError =>
  new SlipwayError({
    what: "the host has no flock, which keeps two runs from changing it at once",
    host,
    servesNow: NOTHING_TOUCHED,
    next: "install util-linux on the host",
  });
