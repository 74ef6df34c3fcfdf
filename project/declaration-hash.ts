import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { relative, sep } from "node:path";
import { configFiles, secretFiles } from "./config-files.ts";
import { Unbounded } from "./files.ts";
import { projectAround } from "./place.ts";
import { programFiles } from "./program-files.ts";
import { SLIPWAY, slipwayFiles } from "./slipway-files.ts";

/** A hash of everything that decides what a program declares, or why it is unknown. */
export type DeclarationHash =
  | { readonly kind: "known"; readonly hash: string }
  | { readonly kind: "unknown"; readonly because: string };

/**
 * Equal hash, equal declaration. It covers Pulumi.yaml, the stack's config and the files that these name, the program with what it
 * imports and names (`programFiles`), the lock file, and the code of Slipway. It does not cover sources of secrets, whose values have a
 * fingerprint of their own, nor what a program reads besides: environment variables, other machines, and files outside the project that it does not import.
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
    return { kind: "known", hash: hashOf(declarationFiles(root, stack), root) };
  } catch (thrown) {
    if (thrown instanceof Unbounded) return { kind: "unknown", because: thrown.message };
    throw thrown;
  }
}

function declarationFiles(root: string, stack: string): Set<string> {
  const secret = secretFiles(root, stack);
  const files = [...configFiles(root, stack), ...programFiles(root, stack), ...slipwayFiles()];
  return new Set(files.filter((file) => !secret.has(file)));
}

function hashOf(files: ReadonlySet<string>, root: string): string {
  const hash = createHash("sha256");
  for (const file of files) {
    const content = readFileSync(file);
    const isOwn = file.startsWith(SLIPWAY.root + sep) && !file.startsWith(root + sep);
    hash.update(`${relative(isOwn ? SLIPWAY.root : root, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}
