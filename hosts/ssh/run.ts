import { constants } from "node:os";
import type { ClientChannel } from "ssh2";
import { Deadline } from "../../core/deadline.ts";
import type { Bytes, Seconds } from "../../core/words.ts";
import type { Connection, Start } from "./connection.ts";
import { quote } from "./quote.ts";

/** What a command did. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Goes to its standard input. */
  readonly input?: string | Buffer;
  /** Default: 30 s from now. */
  readonly deadline?: Deadline;
}

/** For a command that names no deadline. */
const USUAL: Seconds = 30;
/** More output than this is read, so that the command never blocks, and thrown away. */
const KEEP: Bytes = 1024 * 1024;

/** Runs one command on the host: an argument array, quoted here and nowhere else. A non-zero exit code is not an error. */
export async function run(connection: Connection, argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { input = "", deadline = Deadline.in(USUAL) } = options;
  const command = quote(argv);
  const what = argv[0] ?? "";
  const given = deadline.remaining;
  const unwanted = new AbortController();
  let channel: ClientChannel | undefined;
  const late = () => {
    const error = new Error(`${connection.host}: ${what} did not finish within ${Math.round(given / 100) / 10} s`);
    unwanted.abort(error);
    abandon(channel);
    return error;
  };
  const ran = new Promise<Ran>((resolve, reject) => {
    const start: Start = (client, done) =>
      client.exec(command, (error, opened) => {
        // At once: the exit code of a quick command is in the same packet.
        if (error === undefined) collect(opened).then(resolve, reject);
        done(error, opened);
      });
    connection.open("command", `run ${what}`, start, reject, unwanted.signal).then((opened) => {
      channel = opened;
      if (unwanted.signal.aborted) abandon(channel);
      else channel.end(input);
    }, reject);
  });
  return deadline.race(ran, late);
}

/** sshd passes the signal on for every user but root. */
function abandon(channel: ClientChannel | undefined): void {
  channel?.signal("KILL");
  channel?.close();
}

function collect(channel: ClientChannel): Promise<Ran> {
  const stdout = new Bounded();
  const stderr = new Bounded();
  let code: number | undefined;
  channel.on("data", (data: Buffer) => stdout.add(data));
  channel.stderr.on("data", (data: Buffer) => stderr.add(data));
  channel.on("exit", (status: number | null, signal?: string) => {
    code = status ?? 128 + (constants.signals[signal as keyof typeof constants.signals] ?? 0);
  });
  return new Promise((resolve, reject) => {
    channel.on("error", reject);
    channel.on("close", () =>
      code === undefined
        ? reject(new Error("the command ended without an exit code"))
        : resolve({ code, stdout: stdout.text, stderr: stderr.text }),
    );
  });
}

/** The beginning of an output. */
export class Bounded {
  readonly #parts: Buffer[] = [];
  #size: Bytes = 0;

  add(part: Buffer): void {
    const room = KEEP - this.#size;
    if (room <= 0) return;
    this.#parts.push(part.subarray(0, room));
    this.#size += Math.min(room, part.length);
  }

  get text(): string {
    return Buffer.concat(this.#parts).toString("utf8");
  }
}
