import type { Readable } from "node:stream";
import type Dockerode from "dockerode";
import { Deadline } from "../../core/deadline.ts";
import type { Seconds } from "../../core/words.ts";
import type { CommandResult } from "../ssh/run.ts";
import { ExecState } from "./answers.ts";
import { readOutput } from "./streams.ts";
import type { DockerTransport } from "./transport.ts";

export interface ExecOptions {
  /** Default: 60 s from now. */
  readonly deadline?: Deadline;
  readonly user?: string;
}

const DEFAULT_TIMEOUT: Seconds = 60;

export async function exec(
  transport: DockerTransport,
  container: string,
  argv: readonly string[],
  { deadline = Deadline.in(DEFAULT_TIMEOUT), user }: ExecOptions,
): Promise<CommandResult> {
  const given = deadline.remaining;
  const command = { Cmd: [...argv], AttachStdout: true, AttachStderr: true, ...(user === undefined ? {} : { User: user }) };
  let output: Readable | undefined;
  const ran = transport.request(
    `exec ${argv[0] ?? ""}`,
    async (docker) => {
      const started = await docker.getContainer(container).exec(command);
      // Not upgraded to a raw connection: every proxy and engine version handles a plain response body alike.
      output = await started.start({ Detach: false, Tty: false, hijack: false });
      const { stdout, stderr } = await readOutput(output);
      const code = await exitCodeOf(started, deadline, "Docker does not report how the command ended");
      return { code, stdout, stderr };
    },
    "stream",
  );
  return deadline.race(ran, () => {
    ran.catch(() => {});
    output?.destroy();
    return new Error(`${argv[0]} in ${container} did not finish within ${Math.round(given / 100) / 10} s`);
  });
}

/** Docker knows the exit code a moment after the output has ended. */
export const exitCodeOf = (exec: Dockerode.Exec, deadline: Deadline, unknown: string): Promise<number> =>
  deadline.until(
    async () => {
      const { Running, ExitCode } = ExecState.parse(await exec.inspect());
      return Running ? undefined : (ExitCode ?? undefined);
    },
    () => new Error(unknown),
  );
