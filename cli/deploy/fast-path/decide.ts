import { z } from "zod";
import { ReleasedImages } from "../../../core/release/named-image.ts";
import type { RoleName } from "../../../core/words.ts";
import type { DeclarationHash } from "../../../project/declaration-hash.ts";
import { buildsIn, type Checkpoint, DYNAMIC, declaredIn, isDynamic, releaseIn } from "../../stack/checkpoint.ts";
import { type Outcome, startEngine } from "./outcome.ts";

/** An image of the release that the config names, so that it may be a different one now. */
export interface NamedNow {
  /** The role that runs it; undefined: it is the app's. */
  readonly role: RoleName | undefined;
  /** One that is not known is not that of the release. */
  readonly digest: Promise<string | undefined>;
  /** What it means if that is not the digest of the release. */
  readonly different: string;
}

/** What is asked of the registry and the hosts. */
export interface Questions {
  /** Those that are not built. */
  readonly images: readonly NamedNow[];
  /** Of each resource, what differs from the last run, if anything does. */
  readonly drift: readonly Promise<string | undefined>[];
}

/**
 * Whether a run of the engine would change nothing. "Nothing to do" must imply that; the first doubt is the answer.
 *
 * @param ask asks the registry and the hosts; called only if state and files leave no doubt
 */
export async function decide(
  checkpoint: Checkpoint,
  declaration: DeclarationHash,
  ask: () => Promise<Questions>,
): Promise<Outcome> {
  const doubt = doubtIn(checkpoint) ?? changeSince(checkpoint, declaration);
  if (doubt !== undefined) return startEngine(doubt);
  const { images, drift } = await ask();
  const release = Released.safeParse(releaseIn(checkpoint)?.outputs).data;
  const moved = images.map(async ({ role, digest, different }) => {
    const [now, ran] = [await digest, role === undefined ? release?.image : release?.images?.[role]?.image];
    return now !== undefined && ran?.endsWith(`@${now}`) === true ? undefined : different;
  });
  const found = await firstOf([...moved, ...drift]);
  if (found !== undefined) return startEngine(found);
  return { kind: "nothing to do", release: String(release?.release), resources: declaredIn(checkpoint).length };
}

const Released = ReleasedImages.extend({ release: z.string() });

/** The first doubt that is found, without waiting for the other answers; `undefined` once no answer has one. Rejects like the first that does. */
async function firstOf(doubts: readonly Promise<string | undefined>[]): Promise<string | undefined> {
  const found = doubts.map(async (doubt) => {
    const because = await doubt;
    // Never: the others may have one.
    return because ?? new Promise<never>(() => {});
  });
  return Promise.race([...found, Promise.all(doubts).then(() => undefined)]);
}

const OURS = /^(?:pulumi:pulumi:Stack|slipway:.+|pulumi:providers:pulumi-nodejs)$/;

/** Why the state may not be all that a run would declare. */
export function doubtIn(checkpoint: Checkpoint): string | undefined {
  const { resources, isUnfinished } = checkpoint;
  if (isUnfinished) return "the last run was interrupted";
  const foreign = resources.find((resource) => !OURS.test(resource.type) && !isDynamic(resource));
  if (foreign !== undefined) return `${foreign.type} is not a resource of Slipway`;
  const deployments = resources.filter(({ type }) => type === "slipway:Deployment");
  if (deployments.length !== 1) return `the state has ${deployments.length} deployments instead of one`;
  const inside = declaredIn(checkpoint).filter(({ type }) => type !== "pulumi:pulumi:Stack").length;
  if (deployments[0]?.outputs.resources !== inside) return "the state is from a partial run";
  if (releaseIn(checkpoint)?.outputs.canary !== undefined) return "a canary is running";
  const behind = behindIn(checkpoint);
  if (behind !== undefined) return behind;
  // Only the release's images are compared with their registries.
  if (resources.some((resource) => resource.type === `${DYNAMIC}Schedule` && hasOwnImages(resource.outputs)))
    return "a job has an image of its own";
  return undefined;
}

/** What the last run did not come to, because something before it failed. */
function behindIn(checkpoint: Checkpoint): string | undefined {
  const release = Released.safeParse(releaseIn(checkpoint)?.outputs).data;
  if (release === undefined) return undefined;
  const waits = checkpoint.resources.some(
    ({ type, outputs }) => type === `${DYNAMIC}Hook` && outputs.release !== release.release,
  );
  if (waits) return "a hook has not run for the release";
  const isUnreleased = buildsIn(checkpoint).some(({ outputs }) => {
    const { name, built } = Built.safeParse(outputs).data ?? {};
    // One of a job is in no release.
    const image = name === undefined ? release.image : release.images?.[name]?.image;
    return built !== undefined && image?.endsWith(`@${built.digest}`) === false;
  });
  return isUnreleased ? "an image was built and is not released" : undefined;
}

const Built = z.object({ name: z.string().optional(), built: z.object({ digest: z.string() }).optional() });

const Jobs = z.object({ jobs: z.record(z.string(), z.object({ version: z.string().optional() })) });

/** A job in the release's image has its version. */
const hasOwnImages = (outputs: unknown): boolean =>
  Object.values(Jobs.safeParse(outputs).data?.jobs ?? {}).some(({ version }) => version === undefined);

/**
 * Why the values of sources of secrets are not those of the last run.
 *
 * @param fingerprint of those of now; `undefined`: the stack's file names no sources
 */
export function rotatedSince({ resources }: Checkpoint, fingerprint: string | undefined): string | undefined {
  const isOther = resources.some((resource) => isDynamic(resource) && resource.inputs.__secretsFrom !== fingerprint);
  if (!isOther) return undefined;
  return fingerprint === undefined
    ? "the program asks for secrets"
    : "a secret of slipway:secrets_from has a different value than in the last successful run";
}

/** Why a run may declare something else than the last one. */
export function changeSince({ resources }: Checkpoint, declaration: DeclarationHash): string | undefined {
  if (declaration.kind === "unknown") return declaration.because;
  const isOther = resources.some((resource) => isDynamic(resource) && resource.inputs.__madeFrom !== declaration.hash);
  return isOther ? "the project's files have changed since the last successful run" : undefined;
}
