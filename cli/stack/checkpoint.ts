import { z } from "zod";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { parseJson } from "../../core/text.ts";

/** How Pulumi marks values in state that are not what they seem (`sdk/go/common/resource/sig`, frozen). */
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
  /** Left by a run that was stopped in the middle of a replacement. */
  delete: z.boolean().default(false),
  pendingReplacement: z.boolean().default(false),
  initErrors: z.array(z.string()).nullish(),
});

const Exported = z.object({
  deployment: z.object({
    resources: z.array(Resource).nullish(),
    pending_operations: z.array(z.unknown()).nullish(),
  }),
});

/** One resource as the last runs left it. Secret values stay sealed: see `opened`. */
export interface Kept {
  readonly urn: string;
  readonly type: string;
  readonly parent?: string | undefined;
  /** When a run made it, and when one changed it last, in ISO 8601. */
  readonly created?: string | undefined;
  readonly modified?: string | undefined;
  /** As they were declared last. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** As they were declared by the last run that succeeded here, and what was found then. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** All that a stack's state says. */
export interface Checkpoint {
  /** Empty before the first run. */
  readonly resources: readonly Kept[];
  /** Whether a run stopped in the middle of a step. */
  readonly isUnfinished: boolean;
}

/** The type of our dynamic resources, up to the noun. */
export const DYNAMIC = "pulumi-nodejs:dynamic/slipway:";

/** Reads what `pulumi stack export` prints. Pure. */
export function parseCheckpoint(json: string): Checkpoint {
  const exported = Exported.safeParse(parseJson(json));
  if (!exported.success) throw unreadable(exported.error);
  const { resources, pending_operations: pending } = exported.data.deployment;
  const all = resources ?? [];
  return {
    resources: all.map(({ inputs, outputs, ...rest }) => ({ ...rest, inputs: opened(inputs), outputs: opened(outputs) })),
    isUnfinished:
      (pending ?? []).length > 0 || all.some((one) => one.delete || one.pendingReplacement || (one.initErrors ?? []).length > 0),
  };
}

export const isDynamic = ({ type }: Kept): boolean => type.startsWith(DYNAMIC);

export const releaseIn = ({ resources }: Checkpoint): Kept | undefined =>
  resources.find(({ type }) => type === `${DYNAMIC}Release`);

/** The release that this stack declared last, which has to be there. */
export function requireRelease(checkpoint: Checkpoint, stack: string): Kept {
  const release = releaseIn(checkpoint);
  if (release === undefined) throw nothingReleased(stack);
  return release;
}

/** All but the engine's own providers, which come and go by themselves. */
export const declaredIn = ({ resources }: Checkpoint): Kept[] =>
  resources.filter(({ type }) => !type.startsWith("pulumi:providers:"));

/** The name in the URNs; empty before the first run. */
export const stackOf = ({ resources }: Checkpoint): string => resources[0]?.urn.split("::")[0]?.replace("urn:pulumi:", "") ?? "";

type Plain = Record<string, unknown>;

/** In the place of a secret: nothing is compared with it, and no host or image is called so. */
export const SECRET = "[secret]";

/** A sealed map becomes one without entries, any other secret a text: enough for all that is not about its value. */
const opened = (values: Plain): Plain =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, key === "secrets" && isSealed(value) ? {} : open(value)]),
  );

function open(value: unknown): unknown {
  if (isSealed(value)) return SECRET;
  if (Array.isArray(value)) return value.map(open);
  return isPlain(value) ? opened(value) : value;
}

const isPlain = (value: unknown): value is Plain => typeof value === "object" && value !== null;
const isSealed = (value: unknown): boolean => isPlain(value) && SIGNATURE in value;

const FEW = 5;

/** The first few faults of a text that a schema refused. */
export const issuesOf = (error: z.ZodError): string[] =>
  error.issues.slice(0, FEW).map(({ path, message }) => `${path.join(".")}: ${message}`);

const unreadable = (error: z.ZodError): SlipwayError =>
  new SlipwayError({
    what: "what pulumi stack export printed cannot be read",
    evidence: issuesOf(error),
    servesNow: NOTHING_TOUCHED,
    next: "use the version of Pulumi that this Slipway is made for (package.json)",
  });

const nothingReleased = (stack: string): SlipwayError =>
  new SlipwayError({
    what: `the stack ${stack} has released nothing yet`.replace("  ", " "),
    servesNow: "nothing of this stack that is known",
    next: "slipway deploy, or name another stack with --stack",
  });
