import type { z } from "zod";
import type { PlainScalar } from "../core/plain-scalar.ts";
import type { Answers } from "./env/answers.ts";
import { setSecret } from "./env/secret.ts";
import type { ProgramNames } from "./program-keys.ts";
import { ABSENT_ROOT, OF_APP, ONE_REQUIRED, PARTS, REQUIRED, ROOT_KEYS, Root, type RootInput, type RootKey } from "./root.ts";
import type { Problems } from "./schema/problem.ts";
import { readShape } from "./schema/shape.ts";
import { unknownKey } from "./schema/unknown-key.ts";
import { asWritten, readJson, refuseMisread } from "./schema/written.ts";

/** A stack's config as Pulumi passes it to the program. */
export interface RawConfig {
  /** Every value as text, objects as JSON: `{"slipway:service": "shop"}` (`pulumi.runtime.allConfig()`). Other namespaces are left alone. */
  readonly values: Readonly<Record<string, string>>;
  /** Keys that hold a Pulumi secret anywhere: `slipway:registry`. */
  readonly secretKeys: ReadonlySet<string>;
  readonly stack: string;
  /** The file that errors name: `stacks/Pulumi.production.yaml`. */
  readonly file: string;
  /** The scalars without quotes in that file, to find out which of them YAML has read as something else. Default: unknown. */
  readonly plain?: readonly PlainScalar[];
  /** What the sources of secrets answered. Default: they were not asked, so that names that only they have are missing. */
  readonly answers?: Answers | undefined;
  /** The project's folder, which paths in the config are relative to. Default: the working directory. */
  readonly root?: string;
  /** Of a program's arguments: how it writes a key. Default: it is a file. */
  readonly names?: ProgramNames;
  /** The name of an accessory of a program that belongs to no app, and is all that there is: its arguments have no key of an app. Default: an app. */
  readonly alone?: string | undefined;
}

export interface ReadRaw {
  readonly input: RootInput;
  /** Keys whose value has the wrong shape: nothing that depends on them is checked. */
  readonly failed: ReadonlySet<RootKey>;
  /** Keys that hold a Pulumi secret anywhere. */
  readonly sealed: ReadonlySet<string>;
}

const NAMESPACE = "slipway:";
const MAY_BE_SECRET: ReadonlySet<RootKey> = new Set(["secrets", "registry", "ssh", "env"]);

export function readRaw({ values, secretKeys, alone }: RawConfig, problems: Problems): ReadRaw {
  const sealed = new Set([...secretKeys].map((key) => key.replace(NAMESPACE, "")));
  const input: Record<string, unknown> = {};
  const failed = new Set<RootKey>();
  for (const key of keysIn(values)) {
    if (!isRootKey(key)) {
      problems.at(key).refuse(unknownKey(key, ROOT_KEYS, ABSENT_ROOT));
      continue;
    }
    const place = problems.at(key);
    if (sealed.has(key) && !MAY_BE_SECRET.has(key)) {
      place.refuse(
        `contains a secret but is shown in previews: move the secret to slipway:secrets (${setSecret("secrets.NAME")})`,
      );
      failed.add(key);
      continue;
    }
    const decoded = decode(key, values[NAMESPACE + key] ?? "");
    if (decoded === undefined) place.refuse("is nested too deeply");
    if (typeof decoded?.value === "string") refuseMisread(decoded.value, place);
    const read = readShape(Root[key], asWritten(decoded?.value, { mayBeTime: key === "secrets" }, place), place);
    if (read === undefined) failed.add(key);
    else input[key] = read;
  }
  for (const key of alone === undefined ? REQUIRED : []) {
    if (values[NAMESPACE + key] !== undefined) continue;
    problems.at(key).refuse("is required");
    failed.add(key);
  }
  if (alone === undefined) requireParts(input, (key) => values[NAMESPACE + key] !== undefined, failed, problems);
  return { input, failed, sealed };
}

function requireParts(input: RootInput, isWritten: (key: RootKey) => boolean, failed: Set<RootKey>, problems: Problems): void {
  if (!PARTS.some(isWritten)) {
    problems.at("servers").refuse("is required; without an app, accessories are");
    failed.add("servers");
  }
  if (input.accessories !== undefined && Object.keys(input.accessories).length === 0 && !isWritten("servers"))
    problems.at("accessories").refuse("is empty, and there are no servers");
  const isApp = isWritten("servers") || failed.has("servers");
  if (!isApp)
    for (const key of OF_APP.filter(isWritten)) problems.at(key).refuse("decides nothing without slipway:servers: remove it");
  else if (!ONE_REQUIRED.some(isWritten)) {
    problems.at("image").refuse("is required, or builder: {} to build it from a Dockerfile");
    failed.add("image");
  }
}

const keysIn = (values: Readonly<Record<string, string>>): string[] =>
  Object.keys(values)
    .filter((key) => key.startsWith(NAMESPACE))
    .map((key) => key.slice(NAMESPACE.length));

const isRootKey = (key: string): key is RootKey => Object.hasOwn(Root, key);

/** Pulumi passes every value as text. Where text is expected it stays text (`version: 1.10`); elsewhere it is parsed as JSON. */
function decode(key: RootKey, text: string): ReturnType<typeof readJson> {
  const schema: z.ZodOptional = Root[key];
  const { def } = schema.unwrap()._zod;
  if (def.type === "string") return { value: text };
  // Docker's settings are JSON, in which a number in quotes is something else.
  const decoded = readJson(text, { keptAsText: key !== "docker" });
  // `release: "true"` is a command.
  return takesText(def) && !/^\s*[[{]/.test(text) ? { value: text } : decoded;
}

const takesText = (def: z.core.$ZodTypeDef): boolean =>
  def.type === "union" && (def as z.core.$ZodUnionDef).options.some(({ _zod }) => _zod.def.type === "string");
