import { z } from "zod";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { parseJson } from "../../core/text.ts";

/** How Pulumi marks special values in a state, such as secrets (`sdk/go/common/resource/sig`, frozen). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";

const Values = z.record(z.string(), z.unknown());

const Resource = z.object({
  urn: z.string(),
  type: z.string(),
  parent: z.string().optional(),
  created: z.string().optional(),
  modified: z.string().optional(),
  inputs: Values.default({}),
  outputs: Values.default({}),
  /** Left by a run that was interrupted during a replacement. */
  delete: z.boolean().default(false),
  pendingReplacement: z.boolean().default(false),
  initErrors: z.array(z.string()).nullish(),
});

const Deployment = z.object({
  resources: z.array(Resource).nullish(),
  pending_operations: z.array(z.unknown()).nullish(),
});

const Exported = z.object({ deployment: Deployment });

/** As a backend in a folder keeps it. */
const Stored = z.object({
  version: z.literal(3),
  features: z.array(z.string()).max(0).nullish(),
  checkpoint: z.object({ latest: Deployment }),
});

/** One resource as the last runs left it. Secret values are not decrypted: see `opened`. */
export interface Kept {
  readonly urn: string;
  readonly type: string;
  readonly parent?: string | undefined;
  /** When it was created and last changed, in ISO 8601. */
  readonly created?: string | undefined;
  readonly modified?: string | undefined;
  /** As last declared. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** As declared by the last successful run of this resource, with what was found then. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** The state of a stack. */
export interface Checkpoint {
  /** Empty before the first run. */
  readonly resources: readonly Kept[];
  /** Whether the last run was interrupted during a step. */
  readonly isUnfinished: boolean;
}

/** The type of our dynamic resources, up to the noun. */
export const DYNAMIC = "pulumi-nodejs:dynamic/slipway:";

/** Reads what `pulumi stack export` prints. Pure. */
export function parseCheckpoint(json: string): Checkpoint {
  const exported = Exported.safeParse(parseJson(json));
  if (!exported.success) throw unreadable(exported.error);
  return checkpointOf(exported.data.deployment);
}

/** Reads what `pulumi stack export --show-secrets` prints: secrets are plain values in it. Pure. */
export const parsePlainCheckpoint = (json: string): Checkpoint => parseCheckpoint(JSON.stringify(shown(parseJson(json))));

/** Pulumi prints a secret as JSON in JSON. */
function shown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shown);
  if (!isPlain(value)) return value;
  if (isSealed(value) && typeof value.plaintext === "string") return shown(parseJson(value.plaintext));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shown(inner)]));
}

/** Reads the file of a backend in a folder; `undefined` if it has any other form. Pure. */
export function parseStored(json: string): Checkpoint | undefined {
  const { data } = Stored.safeParse(parseJson(json));
  return data && checkpointOf(data.checkpoint.latest);
}

function checkpointOf({ resources, pending_operations: pending }: z.infer<typeof Deployment>): Checkpoint {
  const all = resources ?? [];
  return {
    resources: all.map(({ inputs, outputs, ...rest }) => ({ ...rest, inputs: opened(inputs), outputs: opened(outputs) })),
    isUnfinished:
      (pending ?? []).length > 0 || all.some((one) => one.delete || one.pendingReplacement || (one.initErrors ?? []).length > 0),
  };
}

export const isDynamic = ({ type }: Kept): boolean => type.startsWith(DYNAMIC);

/** The images that the stack builds. */
export const buildsIn = ({ resources }: Checkpoint): Kept[] => resources.filter(({ type }) => type === `${DYNAMIC}Build`);

export const releaseIn = ({ resources }: Checkpoint): Kept | undefined =>
  resources.find(({ type }) => type === `${DYNAMIC}Release`);

/** The release that this stack declared last; throws if there is no release yet. */
export function requireRelease(checkpoint: Checkpoint, stack: string): Kept {
  const release = releaseIn(checkpoint);
  if (release === undefined) throw nothingReleased(stack, checkpoint);
  return release;
}

/** All resources but the engine's own providers, which it adds and removes by itself. */
export const declaredIn = ({ resources }: Checkpoint): Kept[] =>
  resources.filter(({ type }) => !type.startsWith("pulumi:providers:"));

/** The name in the URNs; empty before the first run. */
export const stackOf = ({ resources }: Checkpoint): string => resources[0]?.urn.split("::")[0]?.replace("urn:pulumi:", "") ?? "";

const Place = z.object({ accessory: z.string(), host: z.object({ name: z.string() }) });

type Plain = Record<string, unknown>;

/** Replaces a secret. Nothing is compared with it, and no host or image has this name. */
export const SECRET = "[secret]";

/** Secrets by name; `__secrets` are those of a hook before a build. */
const MAPS: ReadonlySet<string> = new Set(["secrets", "__secrets"]);

/** An encrypted map becomes empty, any other secret a placeholder: enough wherever the value does not matter. */
const opened = (values: Plain): Plain =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, MAPS.has(key) && isSealed(value) ? {} : open(value)]));

function open(value: unknown): unknown {
  if (isSealed(value)) return SECRET;
  if (Array.isArray(value)) return value.map(open);
  return isPlain(value) ? opened(value) : value;
}

const isPlain = (value: unknown): value is Plain => typeof value === "object" && value !== null;
const isSealed = (value: unknown): boolean => isPlain(value) && SIGNATURE in value;

const FEW = 5;

/** The first few issues of a text that does not fit a schema. */
export const issuesOf = (error: z.ZodError): string[] =>
  error.issues.slice(0, FEW).map(({ path, message }) => `${path.join(".")}: ${message}`);

const unreadable = (error: z.ZodError): SlipwayError =>
  new SlipwayError({
    code: "STATE_UNREADABLE",
    what: "cannot read the output of pulumi stack export",
    evidence: issuesOf(error),
    servesNow: NOTHING_TOUCHED,
    next: "use the version of Pulumi that this version of Slipway supports (package.json)",
  });

/** A first release that was refused leaves accessories that run. */
const nothingReleased = (stack: string, { resources }: Checkpoint): SlipwayError =>
  new SlipwayError({
    code: "STACK_EMPTY",
    what: `the stack ${stack} has released nothing yet`.replace("  ", " "),
    evidence: resources.flatMap(({ type, outputs }) => {
      const { accessory, host } = Place.safeParse(outputs).data ?? {};
      const isOne = type === `${DYNAMIC}Accessory` && accessory !== undefined;
      return isOne ? [`the accessory ${accessory} is on ${host?.name} (slipway accessory details ${accessory})`] : [];
    }),
    servesNow: "nothing of this stack, as far as its state shows",
    next: "slipway deploy, or name another stack with --stack",
  });
