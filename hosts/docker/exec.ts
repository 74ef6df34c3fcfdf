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
  const what = `exec ${argv[0] ?? ""}`;
  // A request of its own, so that Docker's silence is not taken for a slow command.
  const { id } = await transport.request(what, (docker) => docker.getContainer(container).exec(command));
  let output: Readable | undefined;
  const ran = transport.request(
    what,
    async (docker) => {
      const created = docker.getExec(id);
      // Not upgraded to a raw connection: every proxy and engine version handles a plain response body alike.
      output = await created.start({ Detach: false, Tty: false, hijack: false });
      const { stdout, stderr } = await readOutput(output);
      const code = await exitCodeOf(created, deadline, "Docker does not report how the command ended");
      return { code, stdout, stderr };
    },
    { pace: "stream", extra: deadline.remaining / 1000 },
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
