import { relative } from "node:path";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { StackValues } from "../../project/config-values.ts";
import { exitCodeOf } from "../deploy/exit-code.ts";
import { noteReleased } from "../deploy/fast-path/files.ts";
import { runEngine } from "../engine/engine.ts";
import { appOf } from "../stack/apps.ts";
import type { Asked } from "../stack/asked.ts";
import { releaseIn } from "../stack/checkpoint.ts";
import { requireUnlocked } from "../stack/pulumi-lock.ts";
import { find, listReleases, previous, type Released } from "../stack/release-history.ts";
import { recoverFile } from "../stack/rollback-journal.ts";
import { didLastFail, storedUpdates } from "../stack/update-history.ts";
import { notice } from "../terminal/failure.ts";
import { printLine } from "../terminal/print.ts";
import { type Agreement, agree, INTERRUPTED } from "./agree.ts";
import { describeChanges } from "./changes.ts";
import { ConfigFile } from "./config-file.ts";
import { hostsToAsk } from "./kept.ts";
import { openPast, type Past } from "./past.ts";
import { differsFrom, restorationOf } from "./restoration.ts";
import { Rollback } from "./rollback.ts";

export interface RollbackOptions {
  readonly stack: string | undefined;
  /** Which of the program's apps. */
  readonly app?: string | undefined;
  readonly to: string | undefined;
  readonly agreed: boolean;
}

/**
 * Restores the config of an earlier release and releases it, by one run of the engine. A person sees the plan before it, and the run is
 * held to it; with `--yes` the run itself prints it. Returns the exit code.
 */
export async function rollBack(options: RollbackOptions, asked: Asked, folder = process.cwd()): Promise<number> {
  const past = await openPast(options, asked, folder);
  if (appOf(past.checkpoint) !== undefined) throw declaredByProgram(listReleases(past.release));
  await requireUnlocked(past.project, past.stack);
  const path = relative(folder, past.filePath);
  const recovered = await recoverFile(path, folder);
  if (recovered !== undefined) notice(recovered);
  const target = await choose(options, past);
  const rollback = await prepare(target, past, path);
  const { file, changes } = rollback;
  printLine(`rollback to ${target.release}, released ${target.at}`);
  printLine(changes.length === 0 ? "  config: no change" : `  config: ${describeChanges(changes)}`);
  let released = false;
  // Ctrl-C, or the end of a CI job, must not skip the end of this, where the file is restored.
  const interruption = onInterruption();
  try {
    const agreement = await agree(rollback, options.agreed, interruption.signal);
    if (agreement.kind === "agreed") {
      const { code, isReleased } = await release(rollback, agreement, interruption.signal);
      released = isReleased;
      return code;
    }
    released = agreement.isReleased;
    return agreement.code;
  } finally {
    await (released ? file.keep() : file.restore());
    interruption.end();
    notice(released ? nowThatOf(target, file, rollback.wanted) : `${file.path} is as it was before`);
  }
}

/** The run of the engine. */
async function release(
  rollback: Rollback,
  { said, env }: Extract<Agreement, { kind: "agreed" }>,
  signal: AbortSignal,
): Promise<{ code: number; isReleased: boolean }> {
  const { past, target, file } = rollback;
  const { given: stack, folder } = past;
  await file.agreed();
  if (signal.aborted) return { code: INTERRUPTED, isReleased: false };
  const run = await runEngine("up", { stack, folder, said, env, command: "slipway rollback" });
  if (run.well) await noteReleased(stack, folder, run.stack);
  const isReleased = run.well || (await wasReleased(target, past));
  return { code: await exitCodeOf("up", run, stack), isReleased };
}

/** Whether the target was released although the run failed: then the config must match it. */
async function wasReleased({ release }: Released, past: Past): Promise<boolean> {
  if (past.release.outputs.release === release) return false;
  return releaseIn(await past.stateNow())?.outputs.release === release;
}

const nowThatOf = ({ release }: Released, { path }: ConfigFile, wanted: StackValues): string =>
  [
    `${path} is now that of ${release}`,
    wanted["slipway:builder"] === undefined
      ? `slipway:image is pinned to the digest of that release (${wanted["slipway:image"]?.value}): for the next version, replace it as a whole, @sha256:… included`
      : `slipway:image and slipway:version are those of that release, so that nothing is built: for the next version, remove both lines`,
  ].join("\n  ");

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

/** By default the previous release, or the newest one if what is declared now could not be released. */
async function choose({ to }: RollbackOptions, past: Past): Promise<Released> {
  const releases = listReleases(past.release);
  if (to !== undefined) return find(releases, to);
  const [newest] = releases;
  if (newest !== undefined && (await didFail(past)) && (await differsFrom(newest, past))) return newest;
  return previous(releases);
}

const didFail = async ({ stored, updates }: Past): Promise<boolean> =>
  (stored === undefined ? undefined : await didLastFail(storedUpdates(stored)).catch(() => undefined)) ?? didLastFail(updates);

/** Checks everything that can fail before the config is changed. */
async function prepare(target: Released, past: Past, path: string): Promise<Rollback> {
  const restoration = await restorationOf(target, past);
  const rollback = new Rollback(target, past, restoration, await ConfigFile.open(path, past.folder));
  const names = hostsToAsk(target, past.release);
  if (names.length > 0) await (await import("./image.ts")).requireImageOn(names, rollback);
  return rollback;
}

/** What a program declares is not in the stack's file. */
const declaredByProgram = (releases: readonly Released[]): SlipwayError =>
  new SlipwayError({
    code: "STACK_CONFIG_ELSEWHERE",
    what: "the release is declared by the program, so its earlier config is in version control, not in the stack's file",
    evidence: releases.slice(0, 3).map(({ release, image }) => `${release} is the image ${image}`),
    servesNow: NOTHING_TOUCHED,
    next: "restore the program from version control, or set the image of an earlier release in it, and run slipway deploy",
  });
