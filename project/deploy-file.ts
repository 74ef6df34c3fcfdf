import { existsSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative } from "node:path";
import { NOTHING_TOUCHED, SlipwayError } from "../core/error.ts";
import { parseJson } from "../core/text.ts";
import { isMap } from "../core/values.ts";
import { fileOf, type KamalConfig, readKamal, Unreadable } from "../kamal/files/read.ts";
import { differencesOf } from "../kamal/project/differences.ts";
import { valuesOf } from "../kamal/project/files.ts";
import { placeText } from "../kamal/source/place.ts";
import type { Finding } from "../kamal/translate/finding.ts";
import { type Translation, translate } from "../kamal/translate/translate.ts";
import { pathText } from "../kamal/yaml/tree.ts";
import { DEPLOY_FILE } from "./built.ts";
import { writtenText } from "./config-values.ts";
import { surroundingsIn } from "./kamal-surroundings.ts";

const DESTINATION = "slipway:destination";
const SECRETS = "slipway:secrets";

type Texts = Readonly<Record<string, string>>;

/** A stack's config, as texts. */
export interface Written {
  readonly values: Texts;
  readonly secretKeys: ReadonlySet<string>;
}

/** The config of a stack with that of Kamal's file. */
export interface WithDeployFile extends Written {
  /** Kamal's file, from the project's folder. */
  readonly file: string;
  readonly translation: Translation;
  /** Root keys that the stack has from it. */
  readonly taken: ReadonlySet<string>;
  /** What only a person can decide, where the stack's file has not decided it. */
  readonly asked: readonly Finding[];
  /** What has another form or another default here, in words. */
  readonly notes: readonly string[];
}

/**
 * Adds the keys of Kamal's file to those of a stack, translated as `slipway import` does it, if the stack names one. A root key of the stack
 * replaces that of the file. Secrets are joined: what the file has in clear text, or from the environment, is one of them.
 *
 * @param root the project's folder
 * @param stack its own name
 */
export function withDeployFile(written: Written, root: string, stack: string): WithDeployFile | undefined {
  const file = written.values[DEPLOY_FILE];
  if (file === undefined) return undefined;
  const { config, translation } = translated(file, root, destinationOf(written.values, stack));
  const own = new Set(Object.keys(written.values));
  const all = Object.entries(valuesOf(translation)).map(([key, value]) => [`slipway:${key}`, writtenText(value) ?? ""] as const);
  const isReleasedAsItIs = isTagged(written.values["slipway:image"] ?? "");
  const added = all.filter(([key]) => !own.has(key) && !(isReleasedAsItIs && key === "slipway:builder"));
  const isReplaced = ({ path, to }: Finding) => {
    const key = `slipway:${rootKeyOf(to?.[0] ?? path[0])}`;
    return own.has(key) || (isReleasedAsItIs && key === "slipway:builder");
  };
  const findings = translation.findings.filter((finding) => !isReplaced(finding));
  return {
    values: { ...Object.fromEntries(added), ...written.values, ...secretsOf(written.values, translation) },
    secretKeys: new Set([...written.secretKeys, ...(Object.keys(translation.values).length === 0 ? [] : [SECRETS])]),
    file,
    translation,
    taken: new Set(added.map(([key]) => key.replace("slipway:", ""))),
    asked: findings.filter((finding) => finding.outcome === "needs you" && !isBeside(finding)),
    notes: [
      ...findings.filter(isNote).map(({ at, path, says }) => [placeText(at), pathText(path), says].join("  ")),
      ...differencesOf(config),
    ],
  };
}

/** An image with a tag is one that exists: the file's builder is for its own. By a digest nothing is built anyway. */
const isTagged = (image: string): boolean => /:[^/@]+$/.test(image) && !image.includes("@");

/** Kamal's keys that another root key has here. */
const RENAMED: Readonly<Record<string, string>> = {
  healthcheck: "proxy",
  stop_wait_time: "stop_timeout",
  audit_broadcast_cmd: "hooks",
  secrets_path: "secrets_from",
};

const rootKeyOf = (key: string | number | undefined): string => RENAMED[String(key)] ?? String(key ?? "");

/** What is not of the stack itself: a note says so, and nothing has to be decided for a run. */
const BESIDE: ReadonlySet<string> = new Set(["aliases", "output", "traefik"]);

const isBeside = ({ path: [key] }: Finding): boolean => BESIDE.has(String(key));

/** What only says that a key has no meaning here is no difference. */
const isNote = (finding: Finding): boolean =>
  (finding.outcome === "translated" && !/^(?:not needed|is empty)/.test(finding.says) && !isBeside(finding)) ||
  (finding.outcome === "needs you" && isBeside(finding));

/** As `slipway import` has it: a file of the stack's name is that of a destination; without one, Kamal has none. */
function destinationOf(values: Texts, stack: string): (exists: (file: string) => boolean, base: string) => string | undefined {
  const written = values[DESTINATION];
  if (written !== undefined) return () => (written === "none" ? undefined : written);
  return (exists, base) => (exists(fileOf(base, stack)) ? stack : undefined);
}

function translated(
  file: string,
  root: string,
  destination: ReturnType<typeof destinationOf>,
): { readonly config: KamalConfig; readonly translation: Translation } {
  const path = relative(root, join(root, file));
  if (isAbsolute(file) || path.startsWith("..")) throw outside(file);
  const folder = dirname(path);
  const app = basename(folder) === "config" ? dirname(folder) : folder;
  const base = relative(app, path);
  const around = surroundingsIn(join(root, app));
  try {
    const config = readKamal(
      base,
      destination((one) => existsSync(join(root, app, one)), base),
      around,
    );
    return { config, translation: translate(config, around, app === "" ? "." : app, "read for each run") };
  } catch (error) {
    if (error instanceof Unreadable) throw unreadable(file, error);
    throw error;
  }
}

/** The secrets that the file has itself; those of the stack come first. */
function secretsOf(values: Texts, translation: Translation): Texts {
  if (Object.keys(translation.values).length === 0) return {};
  const own = parseJson(values[SECRETS] ?? "");
  return { [SECRETS]: JSON.stringify({ ...translation.values, ...(isMap(own) ? own : {}) }) };
}

const outside = (file: string): SlipwayError =>
  new SlipwayError({
    code: "CONFIG_INVALID",
    what: `slipway:deploy_file: ${file} is not in the project`,
    servesNow: NOTHING_TOUCHED,
    next: "let Pulumi.yaml be in the app's folder, and write slipway:deploy_file: config/deploy.yml",
  });

const unreadable = (file: string, { message }: Unreadable): SlipwayError =>
  new SlipwayError({
    code: "KAMAL_CONFIG_UNREADABLE",
    what: `slipway:deploy_file: ${message}`,
    servesNow: NOTHING_TOUCHED,
    next: `correct ${file}, or the name of the file; slipway:destination says which destination is read beside it`,
  });
