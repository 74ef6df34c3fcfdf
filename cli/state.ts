import { z } from "zod";
import { NOTHING_TOUCHED, SlipwayError } from "../core/error.ts";
import { Declared } from "./facts.ts";

/** What the state of a stack says of its release. */
export interface StateOfStack {
  readonly stack: string;
  /** As it was declared by the last run that succeeded, without the values of secrets. */
  readonly inputs: Declared;
  /** When that was; empty when Pulumi does not say. */
  readonly declaredAt: string;
  /** Where the app answers. */
  readonly urls: readonly string[];
}

const RELEASE = "pulumi-nodejs:dynamic/slipway:Release";
const STACK = "pulumi:pulumi:Stack";
/** Pulumi's mark of an object that is not what it seems (`sdk/go/common/resource/sig`, frozen). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const FEW = 5;

const Exported = z.object({
  deployment: z.object({
    resources: z
      .array(
        z.object({
          urn: z.string(),
          type: z.string(),
          modified: z.string().optional(),
          created: z.string().optional(),
          outputs: z.record(z.string(), z.unknown()).optional(),
        }),
      )
      .optional(),
  }),
});

/** Reads what `pulumi stack export` prints. Pure. */
export function parseState(json: string): StateOfStack {
  const exported = Exported.safeParse(parseJson(json));
  if (!exported.success) throw unreadable(exported.error);
  const { resources = [] } = exported.data.deployment;
  const release = resources.find(({ type }) => type === RELEASE);
  if (release?.outputs === undefined) throw nothingReleased(resources[0]?.urn);
  const declared = Declared.safeParse(unsealed(release.outputs));
  if (!declared.success) throw otherVersion(release.urn, declared.error);
  const root = resources.find(({ type }) => type === STACK);
  return {
    stack: stackOf(release.urn),
    inputs: declared.data,
    declaredAt: release.modified ?? release.created ?? "",
    urls: z.array(z.string()).safeParse(root?.outputs?.urls).data ?? [],
  };
}

/** `urn:pulumi:<stack>::<project>::<type>::<name>` */
const stackOf = (urn: string): string => urn.split("::")[0]?.replace("urn:pulumi:", "") ?? "";

/** Secrets stay sealed: in their place stands a text that nothing is compared with. */
function unsealed(value: unknown): unknown {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(unsealed);
  if (SIGNATURE in value) return "[secret]";
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unsealed(inner)]));
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

const issuesOf = (error: z.ZodError): string[] =>
  error.issues.slice(0, FEW).map(({ path, message }) => `${path.join(".")}: ${message}`);

const unreadable = (error: z.ZodError): SlipwayError =>
  new SlipwayError({
    what: "what pulumi stack export printed cannot be read",
    evidence: issuesOf(error),
    servesNow: NOTHING_TOUCHED,
    next: "use the version of Pulumi that this Slipway is made for (package.json)",
  });

const nothingReleased = (urn = ""): SlipwayError =>
  new SlipwayError({
    what: `the stack ${stackOf(urn)} has released nothing yet`.replace("  ", " "),
    servesNow: "nothing of this stack that is known",
    next: "pulumi up, or name another stack with --stack",
  });

const otherVersion = (urn: string, error: z.ZodError): SlipwayError =>
  new SlipwayError({
    what: `the state of the stack ${stackOf(urn)} was written by a version of Slipway whose releases this one does not know`,
    evidence: issuesOf(error),
    servesNow: NOTHING_TOUCHED,
    next: "use that version here, or run pulumi up once with this one, which writes the state anew",
  });
