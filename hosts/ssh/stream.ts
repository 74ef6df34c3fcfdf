import type { ClientChannel } from "ssh2";
import { codeOf } from "./channel-code.ts";
import type { Connection } from "./connection.ts";
import { MarkedOutput, remoteCommand } from "./remote-command.ts";
import { shellRefused } from "./shell-refused.ts";

/** Takes the output of a command as it comes; returns whether it can take more at once. */
export interface Outlet {
  write(data: Buffer): boolean;
  once(event: "drain", listener: () => void): unknown;
}

export interface StreamOptions {
  readonly stdout: Outlet;
  readonly stderr: Outlet;
  /** Ends the command with SIGTERM, and with SIGKILL two seconds later. */
  readonly signal: AbortSignal;
}

/**
 * Runs a command in a session of its own, and ends all of it when the input ends: with this process, with the connection, or when it is
 * asked to. Its own input is empty. Where there is no setsid, what the command has started may outlive it.
 */
export const ENDS_WITH_INPUT = `
unset LC_ALL
exec 3<&0
if command -v setsid >/dev/null 2>&1; then setsid "$@" </dev/null 3<&- & else "$@" </dev/null 3<&- & fi
pid=$!
end() { kill -s "$1" -- "-$pid" || kill -s "$1" "$pid"; }
{ cat <&3; end TERM; sleep 2; end KILL; } >/dev/null 2>&1 &
watch=$!
exec 3<&-
wait "$pid"
code=$?
kill "$watch"
exit "$code"
`;

/** Runs one command on the host for as long as it takes, with its output as it comes. @returns its exit code */
export async function stream(
  connection: Connection,
  argv: readonly string[],
  { stdout, stderr, signal }: StreamOptions,
): Promise<number> {
  const { line, marker } = remoteCommand(["sh", "-c", ENDS_WITH_INPUT, "slipway-server-exec", ...argv]);
  const [out, errors] = [new MarkedOutput(marker), new MarkedOutput(marker)];
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let channel: ClientChannel | undefined;
  const end = () => channel?.end();
  const started = connection.open(
    "command",
    `run ${argv[0] ?? ""}`,
    (client, done) =>
      client.exec(line, (error, opened) => {
        // Listen at once: the exit code of a quick command arrives in the same packet.
        if (error === undefined) {
          pass(opened, opened, out, stdout);
          pass(opened, opened.stderr, errors, stderr);
          codeOf(opened).then((code) => {
            if (out.text !== undefined) resolve(code);
            else
              reject(
                shellRefused(connection, { printed: `${out.before}\n${errors.before}`.trim(), ended: { kind: "code", code } }),
              );
          }, reject);
        }
        done(error, opened);
      }),
    reject,
    signal,
  );
  try {
    channel = await started;
    if (signal.aborted) end();
    signal.addEventListener("abort", end, { once: true });
    return await promise;
  } finally {
    signal.removeEventListener("abort", end);
  }
}

/** No faster than it is taken. */
function pass(channel: ClientChannel, from: NodeJS.ReadableStream, output: MarkedOutput, to: Outlet): void {
  from.on("data", (data: Buffer) => {
    const own = output.add(data);
    if (own === undefined || own.length === 0 || to.write(own)) return;
    channel.pause();
    to.once("drain", () => channel.resume());
  });
}
