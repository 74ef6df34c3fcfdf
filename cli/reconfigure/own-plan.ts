import { imageDigests } from "../../components/declare/digests.ts";
import { declareApp, declareImages } from "../../components/declare/release.ts";
import { readStack } from "../../components/declare/stack.ts";
import { rawOf } from "../../project/config-values.ts";
import { declarationHash } from "../../project/declaration-hash.ts";
import { shortName } from "../../project/place.ts";
import { declaredConfig } from "../../project/project.ts";
import { exposureProvider } from "../../providers/exposure/provider.ts";
import { forgottenIn } from "../../providers/pulumi/forgotten.ts";
import type { ShownPlan } from "../../providers/pulumi/shown-plan.ts";
import type { ReleaseInputs } from "../../providers/release/inputs.ts";
import { type ReleaseState, releaseProvider } from "../../providers/release/provider.ts";
import { rotatedSince } from "../deploy/fast-path/decide.ts";
import { driftsOf, lookAt } from "../deploy/fast-path/drift.ts";
import { accessTo, hostsAt } from "../stack/access.ts";
import { type Checkpoint, DYNAMIC, type Kept } from "../stack/checkpoint.ts";
import { askingIn } from "../stack/secrets.ts";
import { needsEngine } from "./plan-source.ts";
import type { Rewriting } from "./rewriting.ts";
import type { Target } from "./target.ts";

/** The plan of a release, before it is confirmed. */
export type ReleasePlan =
  /** Made here, from a look at the hosts. */
  | { readonly kind: "own"; readonly plans: readonly ShownPlan[] }
  /** Only a preview of the engine can be true. */
  | { readonly kind: "engine"; readonly because: string };

/**
 * The plan of a release of another config, by the same functions as that of a preview, without a run of the engine.
 *
 * @param rewriting secrets in plain text
 */
export async function planOf({ changes, wanted }: Rewriting, target: Target): Promise<ReleasePlan> {
  const { checkpoint, project, stack, release } = target;
  if (release === undefined) return { kind: "engine", because: `${stack} has released nothing yet` };
  const because = needsEngine(checkpoint, declarationHash(project.root, stack), changes);
  if (because !== undefined) return { kind: "engine", because };
  const before = releaseProvider.state.safeParse({ ...release.outputs, registry: undefined });
  if (!before.success) return { kind: "engine", because: "the release was declared by a different version of Slipway" };

  const raw = { ...rawOf(wanted), stack: shortName(stack), file: target.filePath, root: project.root };
  const { config, fingerprint } = await readStack(raw, () => askingIn(project.root));
  const rotated = rotatedSince(checkpoint, fingerprint);
  if (rotated !== undefined) return { kind: "engine", because: rotated };
  const hosts = hostsAt(await accessTo(project, await declaredConfig(project, stack), target.shown));
  try {
    const others = { ...checkpoint, resources: checkpoint.resources.filter((one) => one !== release) };
    const [digests, { state }, ...drifts] = await Promise.all([
      imageDigests(config, project.root),
      releaseProvider.read(before.data, lookAt(hosts), before.data),
      ...driftsOf(others, hosts),
    ]);
    const drift = drifts.find((found) => found !== undefined);
    if (drift !== undefined) return { kind: "engine", because: drift };
    const app = declareApp(config);
    const { __unconfirmedTags: _tags, __verified: _verified, __stored: _stored, images: _images, ...declared } = before.data;
    const inputs = { ...declared, ...app, ...declareImages(config, app.roles, digests) };
    // No secret changes: those of the state are not decrypted, and a plan compares no others.
    return { kind: "own", plans: plansOf(inputs, { ...state, secrets: app.secrets }, release, checkpoint) };
  } finally {
    await hosts.close();
  }
}

function plansOf(inputs: ReleaseInputs, state: ReleaseState, release: Kept, checkpoint: Checkpoint): ShownPlan[] {
  const { changes, text } = releaseProvider.plan(inputs, state, forgottenIn(undefined));
  if (!changes) return [];
  return [{ urn: release.urn, text }, ...exposureOf(checkpoint, inputs.release)];
}

/** The check of open ports, which is made once for each release. */
const exposureOf = ({ resources }: Checkpoint, release: string): ShownPlan[] =>
  resources.filter(({ type }) => type === `${DYNAMIC}Exposure`).flatMap((one) => exposurePlan(one, release));

function exposurePlan({ urn, outputs }: Kept, release: string): ShownPlan[] {
  const state = exposureProvider.state.parse(outputs);
  const { changes, text } = exposureProvider.plan({ ...state, release }, state);
  return changes ? [{ urn, text }] : [];
}
