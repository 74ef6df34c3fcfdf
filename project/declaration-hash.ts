import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { relative, sep } from "node:path";
import type * as Yaml from "yaml";
import { SlipwayError } from "../core/error.ts";
import { isMap } from "../core/values.ts";
import { valuesOf } from "../kamal/project/files.ts";
import { DEPLOY_FILE } from "./built.ts";
import { configFiles, namedIn, secretFiles, stackFileIn } from "./config-files.ts";
import { withDeployFile } from "./deploy-file.ts";
import { Unbounded } from "./files.ts";
import { projectAround, shortName } from "./place.ts";
import { programFiles } from "./program-files.ts";
import { SLIPWAY, slipwayFiles } from "./slipway-files.ts";

/** A hash of everything that decides what a program declares, or why it is unknown. */
export type DeclarationHash =
  | { readonly kind: "known"; readonly hash: string }
  | { readonly kind: "unknown"; readonly because: string };

/**
 * Equal hash, equal declaration. It covers Pulumi.yaml, the stack's config and the files that these name, the program with what it
 * imports and names (`programFiles`), the lock file, and the code of Slipway. It does not cover sources of secrets, whose values have a
 * fingerprint of their own, nor what a program reads besides: environment variables but those of Kamal's file, other machines, and files
 * outside the project that it does not import.
 *
 * Files around the program cost nothing: it is followed from import to import, and no folder is walked that it does not name. A program
 * that cannot be followed has no hash, and is left to the engine.
 *
 * It is made in each run of the program and of `slipway deploy`.
 *
 * @param folder in the project: that of Pulumi.yaml, or one below it
 */
export function declarationHash(folder: string, stack: string): DeclarationHash {
  const root = projectAround(folder);
  if (root === undefined) return { kind: "unknown", because: `there is no Pulumi.yaml in ${folder} or above it` };
  try {
    const kamals = kamalsOf(root, stack);
    return { kind: "known", hash: hashOf(new Set([...declarationFiles(root, stack), ...kamals.files]), root, kamals.text) };
  } catch (thrown) {
    if (thrown instanceof Unbounded) return { kind: "unknown", because: thrown.message };
    if (thrown instanceof SlipwayError) return { kind: "unknown", because: thrown.story.what };
    throw thrown;
  }
}

function declarationFiles(root: string, stack: string): Set<string> {
  const secret = secretFiles(root, stack);
  const files = [...configFiles(root, stack), ...programFiles(root, stack), ...slipwayFiles()];
  return new Set(files.filter((file) => !secret.has(file)));
}

/** What Kamal's file says, if the stack names one: by the environment and git, too. */
function kamalsOf(root: string, stack: string): { readonly files: readonly string[]; readonly text: string } {
  const file = stackFileIn(root, stack);
  const text = file === undefined ? "" : readFileSync(file, "utf8");
  if (!text.includes(DEPLOY_FILE)) return { files: [], text: "" };
  const live = withDeployFile({ values: plainTexts(text), secretKeys: new Set() }, root, shortName(stack));
  if (live === undefined) return { files: [], text: "" };
  // Its values do not belong into a hash that others see.
  if (live.translation.readsEnvironment) throw new Unbounded(`${live.file} has secrets from the environment`);
  const values = JSON.stringify([valuesOf(live.translation), live.notes]);
  return { files: namedIn(values, root), text: values };
}

/** The keys of the stack's file that decide how Kamal's is read: those with a text, and all others by name. */
function plainTexts(text: string): Record<string, string> {
  const yaml: typeof Yaml = createRequire(import.meta.url)("yaml");
  const file: unknown = yaml.parse(text);
  const config = isMap(file) && isMap(file.config) ? file.config : {};
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, typeof value === "string" ? value : "{}"]));
}

function hashOf(files: ReadonlySet<string>, root: string, more: string): string {
  const hash = createHash("sha256").update(more);
  for (const file of files) {
    const content = readFileSync(file);
    const isOwn = file.startsWith(SLIPWAY.root + sep) && !file.startsWith(root + sep);
    hash.update(`${relative(isOwn ? SLIPWAY.root : root, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}
