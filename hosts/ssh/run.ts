import type { ClientChannel } from "ssh2";
import { Deadline } from "../../core/deadline.ts";
import type { Seconds } from "../../core/words.ts";
import { codeOf } from "./channel-code.ts";
import type { Connection, Start } from "./connection.ts";
import { MarkedOutput, remoteCommand } from "./remote-command.ts";
import { shellRefused } from "./shell-refused.ts";

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
  /** Which part of an output that is too long is kept. Default: the beginning. */
  readonly keep?: "beginning" | "end";
}

const DEFAULT_TIMEOUT: Seconds = 30;

/**
 * Runs one command on the host. A non-zero exit code is not an error. What the login shell prints by itself is left out; a shell that
 * does not run the command is a `SlipwayError`.
 */
export async function run(connection: Connection, argv: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
  const { input = "", deadline = Deadline.in(DEFAULT_TIMEOUT), keep = "beginning" } = options;
  const { line, marker } = remoteCommand(argv);
  const [stdout, stderr] = [new MarkedOutput(marker, keep), new MarkedOutput(marker, keep)];
  const what = argv[0] ?? "";
  const given = deadline.remaining;
  const abort = new AbortController();
  let channel: ClientChannel | undefined;
  const late = () => {
    const seconds = Math.round(given / 100) / 10;
    const printed = stdout.text === undefined ? printedBy(stdout, stderr) : "";
    const error =
      printed === ""
        ? new Error(`${connection.host}: ${what} did not finish within ${seconds} s`)
        : shellRefused(connection, { printed, ended: { kind: "waiting", after: seconds } });
    abort.abort(error);
    abandon(channel);
    return error;
  };
  const ran = new Promise<CommandResult>((resolve, reject) => {
    const start: Start = (client, done) =>
      client.exec(line, (error, opened) => {
        // Listen at once: the exit code of a quick command arrives in the same packet.
        if (error === undefined)
          exitCodeOf(opened, stdout, stderr).then((code) => {
            if (stdout.text !== undefined) return resolve({ code, stdout: stdout.text, stderr: stderr.text ?? stderr.before });
            reject(shellRefused(connection, { printed: printedBy(stdout, stderr), ended: { kind: "code", code } }));
          }, reject);
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

const printedBy = (stdout: MarkedOutput, stderr: MarkedOutput): string => `${stdout.before}\n${stderr.before}`.trim();

/** Reads both outputs to their end. */
function exitCodeOf(channel: ClientChannel, stdout: MarkedOutput, stderr: MarkedOutput): Promise<number> {
  channel.on("data", (data: Buffer) => stdout.add(data));
  channel.stderr.on("data", (data: Buffer) => stderr.add(data));
  return codeOf(channel);
}
