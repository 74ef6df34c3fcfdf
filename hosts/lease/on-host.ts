import type { ClientChannel } from "ssh2";
import { Deadline } from "../../core/deadline.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { printable } from "../../core/text.ts";
import type { Milliseconds, Seconds } from "../../core/words.ts";
import type { Connection } from "../ssh/connection.ts";
import { MarkedOutput, remoteCommand } from "../ssh/remote-command.ts";
import { shellRefused } from "../ssh/shell-refused.ts";
import { frozen, parseFreezes } from "./freeze.ts";
import { HOLD } from "./hold.ts";
import { type Entry, entryText, resultLine } from "./journal.ts";
import { ACQUIRE, COMMON_FILES, LEASE_FOLDER, type LeaseScope, scopeName } from "./script.ts";
import { STATE_FOLDER } from "./state-folder.ts";

const HEARTBEAT_INTERVAL: Milliseconds = 5_000;
/** Shorter than the host's: what is sent after that could reach the host while another run holds the lease. */
const OUR_TIMEOUT: Milliseconds = 15_000;
const RELEASE_TIMEOUT: Seconds = 10;
/** A login shell that has not started our command by then runs something else. */
const SHELL_TIMEOUT: Seconds = 15;

/** The exclusive right to change one host, or what belongs to one app there. */
export interface Lease {
  /** Aborts if the lease is lost, not if it is released: change nothing more, reconnect, acquire it again, observe again. */
  readonly lost: AbortSignal;
  /**
   * @param result for the journal of each host that was changed since, if this lease has an entry there: `done`. Absent: there is nothing
   * to say of it
   */
  release(result?: string): Promise<void>;
}

/** How one lease is asked for. */
export interface Attempt {
  readonly owner: string;
  readonly scope: LeaseScope;
  readonly deadline: Deadline;
  readonly patience: "wait" | "none";
  /** What to do if the app, or any app of the machine, is frozen: refuse, or go on. */
  readonly freeze: "obey" | "pass";
  /** What the journal of the host says of this time; undefined: nothing. */
  readonly entry: Entry | undefined;
  /** Called if another run holds the lease. */
  readonly busy: () => void;
  readonly warn: (text: string) => void;
}

/** Acquires the lease on the host itself; `undefined` if another run holds it. */
export async function acquireOnHost(connection: Connection, attempt: Attempt): Promise<Lease | undefined> {
  const { deadline } = attempt;
  const lost = new AbortController();
  const seconds = attempt.patience === "none" ? 0 : Math.max(1, Math.ceil(deadline.remaining / 1000));
  const argv = [
    "sh",
    "-c",
    'eval "$1"',
    "slipway-acquire",
    ACQUIRE,
    String(seconds),
    attempt.owner,
    LEASE_FOLDER,
    scopeName(attempt.scope),
    attempt.freeze,
    STATE_FOLDER,
    entryText(attempt.entry),
    HOLD,
  ];
  const { line, marker } = remoteCommand([...argv, ...COMMON_FILES]);
  const channel = await connection.open(
    "lease",
    "lease",
    (client, done) => client.exec(line, done),
    (loss) => lost.abort(loss),
  );
  const closed = new Promise<void>((resolve) => channel.once("close", resolve));
  const gone = new Promise<void>((resolve) => lost.signal.addEventListener("abort", () => resolve(), { once: true }));
  const ended = Promise.race([closed, gone]);
  const conversation = new Conversation(channel, marker, ended, attempt);
  try {
    const late = () => (deadline.passed ? new Late() : notStarted(connection, conversation));
    const started = await deadline.atMost(SHELL_TIMEOUT).race(conversation.started, late);
    const answer = await deadline.race(conversation.answer, () => new Late());
    if (answer === "held") {
      connection.noteLease();
      return keepAlive(connection, channel, lost, ended);
    }
    channel.close();
    if (lost.signal.aborted) throw lost.signal.reason;
    const [freeze] = parseFreezes(answer);
    if (freeze !== undefined) throw frozen(connection.host, freeze);
    if (answer === "missing") throw noFlock(connection);
    if (answer === "busy") return undefined;
    if (!started) throw shellRefused(connection, { printed: conversation.printed, ended: { kind: "code", code: undefined } });
    throw new Error(`${connection.host}: the command that acquires the lease ended: ${answer || conversation.printed}`);
  } catch (error) {
    channel.close();
    if (error instanceof Late) return undefined;
    throw error;
  }
}

class Late extends Error {}

const notStarted = (connection: Connection, { printed }: Conversation): SlipwayError =>
  shellRefused(connection, { printed, ended: { kind: "waiting", after: SHELL_TIMEOUT } });

/** What the host says until the lease is held or refused. */
class Conversation {
  /** Whether our command was started, or the shell ended without it. */
  readonly started: Promise<boolean>;
  /** `held`, `busy`, `missing` or a freeze; empty if the command ended without any. */
  readonly answer: Promise<string>;
  readonly #output: MarkedOutput;
  readonly #errors: MarkedOutput;

  constructor(channel: ClientChannel, marker: string, ended: Promise<void>, { warn, busy }: Pick<Attempt, "warn" | "busy">) {
    this.#output = new MarkedOutput(marker);
    this.#errors = new MarkedOutput(marker);
    const started = Promise.withResolvers<boolean>();
    const answer = Promise.withResolvers<string>();
    this.started = started.promise;
    this.answer = answer.promise;
    let rest = "";
    const onData = (data: Buffer) => {
      const part = this.#output.add(data);
      if (part === undefined) return;
      started.resolve(true);
      const lines = (rest + part.toString("utf8")).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line === "waiting") busy();
        else if (line.startsWith("warning ")) warn(printable(line.slice("warning ".length)));
        else {
          channel.off("data", onData);
          answer.resolve(line);
        }
      }
    };
    channel.on("data", onData);
    channel.stderr.on("data", (data: Buffer) => this.#errors.add(data));
    void ended.then(() => {
      started.resolve(false);
      answer.resolve(rest.trim());
    });
  }

  /** What the shell printed by itself. */
  get printed(): string {
    return `${this.#output.before}\n${this.#errors.text ?? this.#errors.before}`.trim();
  }
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
  const before = connection.changes;
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
    release: async (result) => {
      over = true;
      connection.forgetLease();
      clearInterval(beats);
      channel.end(resultLine(connection.changes > before ? result : undefined));
      await Deadline.in(RELEASE_TIMEOUT)
        .race(ended, () => new Error("no end"))
        // The host frees it by itself.
        .catch(() => channel.close());
    },
  };
}

const noFlock = ({ host }: Connection): SlipwayError =>
  new SlipwayError({
    code: "LEASE_UNSUPPORTED",
    what: "flock is missing on the host; it keeps two runs from changing the host at the same time",
    host,
    servesNow: NOTHING_TOUCHED,
    next: "install util-linux on the host",
  });
