import { distance } from "fastest-levenshtein";
import { z } from "zod";
import { LONGEST_ARGUMENT } from "../container/command.ts";
import { scalar, textOf } from "../container/label.ts";
import { isVariable } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";
import { field } from "../schema/section.ts";
import { parseValue, type Wire } from "./reference.ts";
import type { Secrets } from "./secret.ts";

/** The environment of containers. A name occurs in only one of the maps. */
export interface Env {
  readonly clear: Readonly<Record<string, string>>;
  /** Name in the container → name in `Config.secrets`. */
  readonly secret: Readonly<Record<string, string>>;
  /** Values that refer to accessories. `wire` replaces them for each host: a complete config has none. @internal */
  readonly wired?: Readonly<Record<string, Wire>>;
}

const REFERENCES = `\`\${accessories.db.host}\`, \`.port\`, \`.env.NAME\` and \`.secret.NAME\` are replaced by the values of that accessory. \
A value that contains a secret is secret as a whole; in a URL they are percent-encoded. \`$\${accessories\` is a literal \`\${accessories\`.`;

const Values = z.record(z.string(), scalar);

const OWN = {
  clear: field(Values, {
    is: `Values that are not secret. ${REFERENCES}`,
    default: {},
    example: { LOG_LEVEL: "info" },
    secret: true,
  }),
  secret: field(z.array(z.string()), {
    is: "Names in slipway:secrets: NAME, or NAME_IN_CONTAINER:NAME_OF_SECRET.",
    default: [],
    refused: "a secret that is not set or blank",
    example: ["DATABASE_URL", "API_TOKEN:PARTNER_TOKEN"],
  }),
};
const TagSection = z.object(OWN).catchall(scalar);

export const EnvSection = z
  .object({
    ...OWN,
    tags: field(z.record(z.string(), TagSection), {
      is: "Environment of hosts with a tag, over the role's: a map of values, or clear and secret. If a host has several tags, the last one takes precedence.",
      default: {},
      refused: "in the env of a role or accessory",
      example: { eu: { REGION: "eu" } },
    }),
  })
  .catchall(scalar);
export type EnvInput = z.infer<typeof EnvSection>;

export const NO_ENV: Env = { clear: {}, secret: {} };

/** The root's `env`. */
export interface RootEnv {
  readonly env: Env;
  /** undefined: it could not be read, so tags are not checked. */
  readonly tags: Readonly<Record<string, Env>> | undefined;
  /** Values that are secret because `env` is encrypted as a whole: they belong to `Config.secrets`. */
  readonly hidden: Readonly<Record<string, string>>;
}

export function resolveRootEnv(
  input: EnvInput | undefined,
  secrets: Secrets | undefined,
  sealed: ReadonlySet<string>,
  place: ConfigPath,
): RootEnv {
  const env = resolveEnv(input, secrets, place);
  const tags = Object.entries(input?.tags ?? {}).map(
    ([tag, own]) => [tag, resolveEnv(own, secrets, place.at("tags", tag))] as const,
  );
  if (!sealed.has("env")) return { env, tags: Object.fromEntries(tags), hidden: {} };
  const root = hideClear(env, "env");
  const hiddenTags = tags.map(([tag, own]) => [tag, hideClear(own, `env.tags.${tag}`)] as const);
  return {
    env: root.env,
    tags: Object.fromEntries(hiddenTags.map(([tag, hidden]) => [tag, hidden.env])),
    hidden: Object.assign({}, root.secrets, ...hiddenTags.map(([, hidden]) => hidden.secrets)),
  };
}

/** The `env` of a role or accessory. */
export function resolveRoleEnv(input: EnvInput | undefined, secrets: Secrets | undefined, place: ConfigPath): Env {
  if (input?.tags !== undefined) place.at("tags").refuse("tags are only allowed in slipway:env");
  return resolveEnv(input, secrets, place);
}

/** One map, without its tags. */
function resolveEnv(input: EnvInput | undefined, secrets: Secrets | undefined, place: ConfigPath): Env {
  if (input === undefined) return NO_ENV;
  const { clear, secret: names, tags, ...plain } = input;
  const split = clear !== undefined || names !== undefined || tags !== undefined;
  const stray = split ? Object.keys(plain) : [];
  for (const key of stray) place.at(key).refuse("not allowed next to clear/secret: move it under clear");
  const values = split ? (clear ?? {}) : plain;
  const home = split ? place.at("clear") : place;
  if (!split) refuseMisspelt(Object.keys(plain), place);
  for (const name of Object.keys(values))
    if (!isVariable(name)) home.at(name).refuse("is not a valid variable name: use letters, digits, _, . and -");

  const secret: Record<string, string> = {};
  for (const [at, text] of (names ?? []).entries()) {
    const [name = "", source = name, ...more] = text.split(":");
    const here = place.at("secret", at);
    if (!isVariable(name) || more.length > 0) here.refuse("should be NAME or NAME_IN_CONTAINER:NAME_OF_SECRET");
    else if (Object.hasOwn(secret, name) || Object.hasOwn(values, name)) here.refuse("is given twice");
    else {
      const value = secrets?.lookUp(source, here) ?? "";
      if (isTooLong(name, value)) here.refuse(TOO_LONG);
      secret[name] = source;
    }
  }
  return { ...sortOut(values, home), secret };
}

const OWN_KEYS = ["clear", "secret", "tags"];

/** A misspelt key would become a variable. Variables in capitals are none. */
function refuseMisspelt(names: readonly string[], place: ConfigPath): void {
  for (const name of names) {
    const meant = OWN_KEYS.find((key) => distance(key, name.toLowerCase()) <= 1);
    if (meant !== undefined && name !== name.toUpperCase())
      place.at(name).refuse(`did you mean ${meant}? A variable of this name belongs under clear`);
  }
}

export const TOO_LONG = "is too long: Linux takes at most 128 KiB for a variable with its name";

/** @example isTooLong("LOG_LEVEL", "info") // false */
export const isTooLong = (name: string, value: string): boolean => Buffer.byteLength(`${name}=${value}`) > LONGEST_ARGUMENT;

/** Separates plain values from those that refer to accessories. */
function sortOut(values: z.infer<typeof Values>, place: ConfigPath): Omit<Env, "secret"> {
  const clear: Record<string, string> = {};
  const wired: Record<string, Wire> = {};
  for (const [name, value] of Object.entries(values)) {
    const text = textOf(value, place.at(name));
    const wire = parseValue(text, place.at(name));
    if (wire !== undefined) wired[name] = wire;
    else clear[name] = text;
    if (wire === undefined && isTooLong(name, text)) place.at(name).refuse(TOO_LONG);
  }
  return { clear, ...unlessEmpty(wired) };
}

const unlessEmpty = (wired: Readonly<Record<string, Wire>>): Pick<Env, "wired"> =>
  Object.keys(wired).length === 0 ? {} : { wired };

/** The role's environment over the root's: a name of the role replaces that of the root, clear or secret. */
export function mergeEnv(root: Env, role: Env): Env {
  const said = { ...role.clear, ...role.secret, ...role.wired };
  const over = <T>(below: Readonly<Record<string, T>> = {}, above: Readonly<Record<string, T>> = {}): Record<string, T> => ({
    ...Object.fromEntries(Object.entries(below).filter(([name]) => Object.hasOwn(above, name) || !Object.hasOwn(said, name))),
    ...above,
  });
  return {
    clear: over(root.clear, role.clear),
    secret: over(root.secret, role.secret),
    ...unlessEmpty(over(root.wired, role.wired)),
  };
}

/** All names in an environment. */
export const namesOf = ({ clear, secret, wired = {} }: Env): string[] => [clear, secret, wired].flatMap(Object.keys);

/** Values of an `env` that is encrypted as a whole are secrets. Their names contain a dot, which no name in `slipway:secrets` does. */
function hideClear(env: Env, above: string): { env: Env; secrets: Record<string, string> } {
  const hidden = Object.keys(env.clear).map((name) => [name, `${above}.${name}`] as const);
  const wired = Object.entries(env.wired ?? {}).map(
    ([name, wire]) => [name, { ...wire, id: `${above}.${name}`, hidden: true }] as const,
  );
  return {
    env: {
      clear: {},
      secret: { ...Object.fromEntries(hidden), ...env.secret },
      ...unlessEmpty(Object.fromEntries(wired)),
    },
    secrets: Object.fromEntries(hidden.map(([name, key]) => [key, env.clear[name] ?? ""])),
  };
}
