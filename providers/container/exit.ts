import { Deadline } from "../../core/deadline.ts";
import type { Seconds } from "../../core/words.ts";
import type { Container } from "../../hosts/index.ts";
import { type Candidate, CandidateFailed, inspect, lastLogs } from "./candidate.ts";

/** SIGKILL: from the kernel when memory ran out, or from a user. */
const KILLED = 137;
/** Docker learns of the exit and of its reason separately, sometimes of the reason last. */
const REASON_TIMEOUT: Seconds = 2;

/** The container after its exit, with the reason of a kill if Docker learns it in time. */
async function inspectEnded(candidate: Candidate): Promise<Container> {
  const withReason = async () => {
    const container = await inspect(candidate);
    return container.state.oomKilled || container.state.exitCode !== KILLED ? container : undefined;
  };
  const noReason = new Error("Docker gave no reason");
  return Deadline.in(REASON_TIMEOUT)
    .until(withReason, () => noReason)
    .catch((thrown: unknown) => {
      if (thrown !== noReason) throw thrown;
      return inspect(candidate);
    });
}

/** Why a candidate exited. @param code its exit code, if Docker may have restarted it since */
export async function exitFailure(candidate: Candidate, code?: number): Promise<CandidateFailed> {
  const { state, memoryLimit } = await inspectEnded(candidate);
  const megabytes = Math.round(memoryLimit / 1024 / 1024);
  const limit = memoryLimit === 0 ? undefined : `its limit of ${megabytes} MB`;
  const exitCode = state.running ? (code ?? state.exitCode) : state.exitCode;
  const what = describeEnd({ ...state, exitCode }, limit);
  const logs = await lastLogs(candidate);
  const said = state.error ? [state.error] : [];
  const ended = { code: exitCode, oomKilled: state.oomKilled, memoryLimit };
  return new CandidateFailed(candidate.host.name, what, [...said, ...logs.shown], {
    container: candidate.name,
    seen: { lines: [...said, ...logs.lines], ended },
  });
}

function describeEnd({ oomKilled, exitCode, ...state }: Container["state"], limit: string | undefined): string {
  // Docker records the start of a container that exits at once after its end.
  const lived = Math.max(0, (Date.parse(state.finishedAt) - Date.parse(state.startedAt)) / 1000).toFixed(1);
  const after = state.running ? "and Docker started it again" : `${lived} s after its start`;
  if (oomKilled) return `the container was killed for memory, ${after}: it needed more than ${limit ?? "the memory of the host"}`;
  // The kernel can kill a container in its first milliseconds, too early for Docker to learn why.
  if (exitCode === KILLED && limit !== undefined)
    return `the container was killed (code ${KILLED}), ${after}, perhaps for memory: see ${limit}`;
  return `the container exited with code ${exitCode}, ${after}`;
}
