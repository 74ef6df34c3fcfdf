import { relative } from "node:path";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { ReleasedImages } from "../../core/release/named-image.ts";
import { plainName } from "../../core/stored-image.ts";
import { canonical, isMap } from "../../core/values.ts";
import { isBuilt } from "../../project/built.ts";
import type { StackValues } from "../../project/config-values.ts";
import { declarationHash } from "../../project/declaration-hash.ts";
import { shortName } from "../../project/place.ts";
import { changeSince } from "../deploy/fast-path/decide.ts";
import { carryOut } from "../reconfigure/carry-out.ts";
import { requireImageOn } from "../reconfigure/image.ts";
import { type Purpose, Reconfiguration } from "../reconfigure/reconfiguration.ts";
import { openTarget, type Target } from "../reconfigure/target.ts";
import type { Asked } from "../stack/asked.ts";
import type { Kept } from "../stack/checkpoint.ts";
import { requireUnlocked } from "../stack/pulumi-lock.ts";
import { Declared } from "../stack/release.ts";
import { recoverFile } from "../stack/rollback-journal.ts";
import { notice } from "../terminal/failure.ts";
import { printLine } from "../terminal/print.ts";
import { imagesByRole, recipeFor } from "./pin.ts";
import { lookFor, releasedBy, requireRunning, stateOf } from "./source.ts";

export interface PromoteOptions {
  /** The stack whose release is promoted. */
  readonly from: string;
  /** The stack that gets it. */
  readonly stack: string | undefined;
  /** Whether the state of `from` decides alone what it runs. */
  readonly recorded: boolean;
  readonly agreed: boolean;
}

/**
 * Releases on one stack the image that another one runs, by its digest and under the same version, by one run of the engine. Nothing is built.
 * Returns the exit code.
 */
export async function promote(
  { from, recorded, agreed, ...options }: PromoteOptions,
  asked: Asked,
  folder = process.cwd(),
): Promise<number> {
  const target = await openTarget(options, asked, folder);
  if (shortName(from) === shortName(target.stack)) throw sameStack(from);
  const { project, stack } = target;
  const source = releasedBy(await stateOf(from, project), from);
  await requireUnlocked(project, stack);
  const path = relative(folder, target.filePath);
  const recovered = await recoverFile(path, folder);
  if (recovered !== undefined) notice(recovered);
  if (!recorded) await requireRunning(source, from, project);
  const name = `${source.version} (${plainName(source.image)})`;
  if (await isLive(source, target)) {
    printLine(`nothing to do: ${stack} runs ${name} already`);
    return 0;
  }
  const promotion = await Reconfiguration.of(purposeOf(source, from, stack), target, recipeFor(source, { from, stack }), path);
  await requireImageOn(hostsOf(target.release), promotion);
  const title = `promote ${name} from ${from} to ${stack}`;
  return carryOut(promotion, agreed, { title, done: nowPinned(source, from, path, promotion.wanted) });
}

function isSame(promoted: ReleasedImages, { outputs }: Kept): boolean {
  const released = ReleasedImages.safeParse(outputs).data;
  const plain = (all: ReleasedImages) => canonical(imagesByRole(all));
  return released !== undefined && plain(released) === plain(promoted);
}

/** Whether the target has released the same already, has not been edited since, and runs it. */
async function isLive(promoted: ReleasedImages, { release, checkpoint, project, stack, shown }: Target): Promise<boolean> {
  if (release === undefined || !isSame(promoted, release)) return false;
  if (changeSince(checkpoint, declarationHash(project.root, stack)) !== undefined) return false;
  const declared = Declared.safeParse(release.outputs);
  return declared.success && (await lookFor(declared.data, stack, project, shown)).length === 0;
}

const hostsOf = (release: Kept | undefined): string[] =>
  isMap(release?.outputs.hosts) ? Object.keys(release.outputs.hosts) : [];

const purposeOf = (promoted: ReleasedImages, from: string, stack: string): Purpose => ({
  by: "promote",
  what: promoted.version,
  images: promoted,
  question: `Release ${promoted.version} on ${stack}?`,
  withoutImage: `promote it from the machine that released it on ${from}, or with the cache of that machine; where these change, as in CI, push the image to a registry (slipway:image of ${from})`,
  isIn: (release) => isSame(promoted, release),
});

function nowPinned({ version }: ReleasedImages, from: string, path: string, wanted: StackValues): string {
  return [
    `slipway:image and slipway:version in ${path} are now those of ${version}, as ${from} runs it`,
    isBuilt(wanted)
      ? "nothing is built for this stack while they are there: the next promotion replaces them; to build here again, remove both lines"
      : "the next promotion replaces them; to release another image, replace both lines",
  ].join("\n  ");
}

const sameStack = (stack: string): SlipwayError =>
  new SlipwayError({
    code: "USAGE",
    what: `${stack} is the stack that would get the release, and the one that it is taken from`,
    servesNow: NOTHING_TOUCHED,
    next: "name the stack that gets it: slipway promote staging --stack production",
  });
