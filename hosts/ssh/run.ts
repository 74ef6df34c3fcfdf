import { constants } from "node:os";
import type { ClientChannel } from "ssh2";
import { Deadline } from "../../core/deadline.ts";
import type { Seconds } from "../../core/words.ts";
import { BoundedOutput } from "./bounded-output.ts";
import type { Connection, Start } from "./connection.ts";
import { quote } from "./quote.ts";

/** Each output is bounded to 1 MiB. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Its standard input. */
  readonly input?: string | Buffer;
  /** Default: 30 s from now. */
  readonly deadline?: Deadline;
}

const DEFAULT_TIMEOUT: Seconds = 30;

/** Runs one command on the host. This is the only place that quotes the argument array. A non-zero exit code is not an error. */
export async function run(connection: Connection, argv: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
  const { input = "", deadline = Deadline.in(DEFAULT_TIMEOUT) } = options;
  const command = quote(argv);
  const what = argv[0] ?? "";
  const given = deadline.remaining;
  const abort = new AbortController();
  let channel: ClientChannel | undefined;
  const late = () => {
    const error = new Error(`${connection.host}: ${what} did not finish within ${Math.round(given / 100) / 10} s`);
    abort.abort(error);
    abandon(channel);
    return error;
  };
  const ran = new Promise<CommandResult>((resolve, reject) => {
    const start: Start = (client, done) =>
      client.exec(command, (error, opened) => {
        // Listen at once: the exit code of a quick command arrives in the same packet.
        if (error === undefined) collect(opened).then(resolve, reject);
        done(error, opened);
      });
    connection.open("command", `run ${what}`, start, reject, abort.signal).then((opened) => {
      channel = opened;
      if (abort.signal.aborted) abandon(channel);
      else channel.end(input);
    }, reject);
  });
  return deadline.race(ran, late);
}

/** sshd forwards the signal for every user except root. */
function abandon(channel: ClientChannel | undefined): void {
  channel?.signal("KILL");
  channel?.close();
}

function collect(channel: ClientChannel): Promise<CommandResult> {
  const stdout = new BoundedOutput();
  const stderr = new BoundedOutput();
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
