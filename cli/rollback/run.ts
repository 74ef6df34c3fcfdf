import { relative } from "node:path";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { DEPLOY_FILE, isBuilt } from "../../project/built.ts";
import type { StackValues } from "../../project/config-values.ts";
import { carryOut } from "../reconfigure/carry-out.ts";
import { type Purpose, Reconfiguration } from "../reconfigure/reconfiguration.ts";
import { appOf } from "../stack/apps.ts";
import type { Asked } from "../stack/asked.ts";
import { requireUnlocked } from "../stack/pulumi-lock.ts";
import { find, listReleases, previous, type Released } from "../stack/release-history.ts";
import { recoverFile } from "../stack/rollback-journal.ts";
import { didLastFail, storedUpdates } from "../stack/update-history.ts";
import { notice } from "../terminal/failure.ts";
import { hostsToAsk } from "./kept.ts";
import { openPast, type Past } from "./past.ts";
import { differsFrom, restorationOf } from "./restoration.ts";

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
  const title = `rollback to ${target.release}, released ${target.at}${ofStores(rollback.wanted)}`;
  return carryOut(rollback, options.agreed, { title, done: nowThatOf(target, path, rollback.wanted) });
}

/** No history has the values of stores. An old one would be undone by the next deploy. */
const ofStores = (wanted: StackValues): string =>
  wanted["slipway:secrets_from"] === undefined
    ? ""
    : "\n  secrets of slipway:secrets_from: with the values that their sources have now, not those of then";

const nowThatOf = ({ release }: Released, path: string, wanted: StackValues): string =>
  [
    `${path} is now that of ${release}`,
    ...(DEPLOY_FILE in wanted
      ? [
          `${wanted[DEPLOY_FILE]?.value} is as it was: env and everything else that it says are those of today, as in a rollback of Kamal`,
        ]
      : []),
    !isBuilt(wanted)
      ? `slipway:image is pinned to the digest of that release (${wanted["slipway:image"]?.value}): for the next version, replace it as a whole, @sha256:… included`
      : `slipway:image and slipway:version are those of that release, so that nothing is built: for the next version, remove both lines`,
  ].join("\n  ");

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
async function prepare(target: Released, past: Past, path: string): Promise<Reconfiguration> {
  const rollback = await Reconfiguration.of(purposeOf(target), past, restorationOf(target, past), path);
  const names = hostsToAsk(target, past.release);
  if (names.length > 0) await (await import("../reconfigure/image.ts")).requireImageOn(names, rollback);
  return rollback;
}

const purposeOf = (released: Released): Purpose => ({
  by: "rollback",
  what: released.release,
  images: released,
  question: `Release ${released.release} again?`,
  withoutImage:
    "roll back from the machine that released it, build that version again and deploy it, or name another release (slipway releases)",
  isIn: ({ outputs }) => outputs.release === released.release,
});

/** What a program declares is not in the stack's file. */
const declaredByProgram = (releases: readonly Released[]): SlipwayError =>
  new SlipwayError({
    code: "STACK_CONFIG_ELSEWHERE",
    what: "the release is declared by the program, so its earlier config is in version control, not in the stack's file",
    evidence: releases.slice(0, 3).map(({ release, image }) => `${release} is the image ${image}`),
    servesNow: NOTHING_TOUCHED,
    next: "restore the program from version control, or set the image of an earlier release in it, and run slipway deploy",
  });
