/**
 * `node tools/release/notes.ts v0.2.0`: prints the text of that release on GitHub, the version's section of CHANGELOG.md. It fails unless
 * the tag is the version of package.json.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { PROJECT } from "../checks.ts";
import { repositoryUrl } from "../package/repository.ts";
import { bodyOf } from "./changelog.ts";

export interface Tagged {
  /** `v0.2.0` */
  readonly tag: string;
  /** That of package.json. */
  readonly version: string;
  readonly changelog: string;
  /** `https://github.com/acme/slipway`; undefined: links remain as they are. */
  readonly repository: string | undefined;
}

/** Its links lead to the files as they were: relative ones lead nowhere on the page of a release. */
export function releaseNotes({ tag, version, changelog, repository }: Tagged): string {
  if (tag !== `v${version}`) throw new Error(`the tag is ${tag}, and package.json has ${version}`);
  const body = bodyOf(changelog, version);
  if (body === "") throw new Error(`CHANGELOG.md has nothing under ${version}`);
  return repository === undefined ? body : body.replaceAll(/\]\((?!https?:|#)/g, () => `](${repository}/blob/${tag}/`);
}

if (import.meta.main) {
  const [tag = ""] = process.argv.slice(2);
  const read = (file: string): string => readFileSync(join(PROJECT, file), "utf8");
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(read("package.json")));
  console.info(releaseNotes({ tag, version, changelog: read("CHANGELOG.md"), repository: repositoryUrl(process.env) }));
}
