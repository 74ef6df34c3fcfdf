import { madeFrom } from "../../core/made-from.ts";
import { Address, type Hosts } from "../../hosts/index.ts";
import { type Checkpoint, declaredIn, isDynamic, parseCheckpoint, releaseIn, stackOf } from "../stack/checkpoint.ts";
import { findProject, type Project, stackFile } from "../stack/project.ts";
import { accessTo, hidesKeys, hostsAt } from "../stack/reach.ts";
import { digestNow, needsNoLogin } from "./digest-now.ts";
import type { Look } from "./look.ts";

export interface Surroundings {
  readonly stack: string | undefined;
  readonly folder: string;
  /** What `pulumi stack export` prints. */
  readonly exported: Promise<string>;
  /** What `pulumi config --show-secrets --json` prints. It derives a key, which takes most of the time of a look. */
  readonly shown: Promise<string>;
  /** Ends that, where nothing of it is needed. */
  readonly decrypting: AbortController;
  readonly signal: AbortSignal;
}

/** See `lookFirst`. Everything is asked at once; the first doubt ends it. */
export async function lookAround({ stack: given, folder, exported, shown, decrypting, signal }: Surroundings): Promise<Look> {
  const project = await findProject(folder);
  if (given !== undefined && (await saysAll(project, given))) decrypting.abort();
  const checkpoint = parseCheckpoint(await exported);
  const stack = given ?? stackOf(checkpoint);
  const [doubt] = doubtsOf(checkpoint, project, stack);
  if (doubt !== undefined) return perhaps(doubt);
  const written = await stackFile(project, stack);
  if (written === undefined) return perhaps("the stack's config is not in its file alone");

  const hosts = hostsAt(await accessTo(project, written, () => shown));
  signal.addEventListener("abort", () => void hosts.close(), { once: true });
  const connected = connect(checkpoint, hosts);
  const { differences } = await import("./differences.ts");
  const [digest, different] = await Promise.all([digestNow(written, shown), differences(checkpoint, hosts), connected]);
  const release = releaseIn(checkpoint);
  if (!String(release?.outputs.image).endsWith(`@${digest}`)) return perhaps("the image's tag means another image now");
  if (different[0] !== undefined) return perhaps(different[0]);
  return { found: "nothing to do", release: String(release?.outputs.release), resources: declaredIn(checkpoint).length };
}

const perhaps = (because: string): Look => ({ found: "perhaps something", because });

const OURS = /^(?:pulumi:pulumi:Stack|slipway:.+|pulumi:providers:pulumi-nodejs)$/;

/** Why the state itself cannot be trusted to be what a run would declare. */
function doubtsOf(checkpoint: Checkpoint, project: Project, stack: string): string[] {
  const { resources, isUnfinished } = checkpoint;
  if (isUnfinished) return ["a run was stopped half-way"];
  const foreign = resources.find((resource) => !OURS.test(resource.type) && !isDynamic(resource));
  if (foreign !== undefined) return [`${foreign.type} is not ours to look at`];
  const [deployment, ...others] = resources.filter(({ type }) => type === "slipway:Deployment");
  if (deployment === undefined || others.length > 0) return ["there is not one deployment in the state"];
  const inside = declaredIn(checkpoint).filter(({ type }) => type !== "pulumi:pulumi:Stack").length;
  if (deployment.outputs.resources !== inside) return ["the state is not that of a whole run"];
  if (releaseIn(checkpoint)?.outputs.canary !== undefined) return ["a canary runs"];
  const made = madeFrom(project.root, stack);
  const other = resources.find((resource) => isDynamic(resource) && resource.inputs.__madeFrom !== made);
  return other === undefined ? [] : ["files of the project are not those of the last run that succeeded"];
}

/** Whether nothing of the config that a look needs is secret: no login for a tag, no key. */
async function saysAll(project: Project, stack: string): Promise<boolean> {
  const written = await stackFile(project, stack);
  return written !== undefined && needsNoLogin(written) && !hidesKeys(written);
}

/** Brings the connections up while what they are for is loaded. Who uses one hears why it failed. */
async function connect({ resources }: Checkpoint, hosts: Hosts): Promise<void> {
  const addresses = resources.filter(isDynamic).flatMap(({ outputs }) => Address.safeParse(outputs.host).data ?? []);
  await Promise.allSettled(addresses.map((address) => hosts.at(address).connect()));
}
