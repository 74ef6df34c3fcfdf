import { exitCodeOf } from "../deploy/exit-code.ts";
import { noteReleased } from "../deploy/fast-path/files.ts";
import { runEngine } from "../engine/engine.ts";
import { releaseIn } from "../stack/checkpoint.ts";
import { notice } from "../terminal/failure.ts";
import { printLine } from "../terminal/print.ts";
import { type Agreement, agree, INTERRUPTED } from "./agree.ts";
import { describeChanges } from "./changes.ts";
import type { Reconfiguration } from "./reconfiguration.ts";

/** What a person reads of it. */
interface Words {
  /** The first line. */
  readonly title: string;
  /** What is said at the end, if it was released. */
  readonly done: string;
}

/**
 * Writes the config and releases it, by one run of the engine. A person sees the plan before it, and the run is held to it; with `--yes` the
 * run itself prints it. The file is as it was before unless it was released. Returns the exit code.
 */
export async function carryOut(own: Reconfiguration, isAgreed: boolean, { title, done }: Words): Promise<number> {
  const { file, changes } = own;
  printLine(title);
  printLine(changes.length === 0 ? "  config: no change" : `  config: ${describeChanges(changes)}`);
  let released = false;
  // Ctrl-C, or the end of a CI job, must not skip the end of this, where the file is restored.
  const interruption = onInterruption();
  try {
    const agreement = await agree(own, isAgreed, interruption.signal);
    if (agreement.kind === "agreed") {
      const { code, isReleased } = await release(own, agreement, interruption.signal);
      released = isReleased;
      return code;
    }
    released = agreement.isReleased;
    return agreement.code;
  } finally {
    await (released ? file.keep() : file.restore());
    interruption.end();
    notice(released ? done : `${file.path} is as it was before`);
  }
}

/** The run of the engine. */
async function release(
  own: Reconfiguration,
  { said, env }: Extract<Agreement, { kind: "agreed" }>,
  signal: AbortSignal,
): Promise<{ code: number; isReleased: boolean }> {
  const { target, purpose, file } = own;
  const { given: stack, folder } = target;
  await file.agreed();
  if (signal.aborted) return { code: INTERRUPTED, isReleased: false };
  const run = await runEngine("up", { stack, folder, said, env, command: `slipway ${purpose.by}` });
  if (run.well) await noteReleased(stack, folder, run.stack);
  const isReleased = run.well || (await wasReleased(own));
  return { code: await exitCodeOf("up", run, stack), isReleased };
}

/** Whether it was released although the run failed: then the config must match it. */
async function wasReleased({ target, purpose }: Reconfiguration): Promise<boolean> {
  if (target.release !== undefined && purpose.isIn(target.release)) return false;
  const now = releaseIn(await target.stateNow());
  return now !== undefined && purpose.isIn(now);
}

function onInterruption(): { readonly signal: AbortSignal; end(): void } {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const interrupted = new AbortController();
  const note = () => interrupted.abort();
  for (const signal of signals) process.on(signal, note);
  return {
    signal: interrupted.signal,
    end: () => {
      for (const signal of signals) process.off(signal, note);
    },
  };
}
