import { type Entry, entry, listNode, mapNode, textNode } from "../yaml/tree.ts";
import type { Finding } from "./finding.ts";
import type { Run } from "./run.ts";
import type { SecretsInFiles } from "./secret-book.ts";

/** What reads Kamal's files of secrets where they are, as Kamal does: in the app's folder. Nothing where no name of them is used. */
export function secretSources({ names, files }: SecretsInFiles, run: Run): { entries: Entry[]; findings: Finding[] } {
  const [first] = files;
  if (first === undefined) return { entries: [], findings: [] };
  const like = { at: { file: first, line: 1 }, comment: undefined };
  const paths = files.map((file) => textNode(run.fromProject(file), like));
  const [only, ...more] = paths;
  const folder = run.toApp === "." ? [] : [entry("folder", textNode(run.toApp, like))];
  const source = mapNode(
    [entry("dotenv", more.length === 0 && only !== undefined ? only : listNode(paths, like, true)), ...folder],
    like,
  );
  const says = `${names.length === 1 ? `${names[0]} is` : `${names.length} secrets are`} read there in each run, by slipway:secrets_from, with its commands: kamal secrets fetch asks the store itself`;
  return {
    entries: [entry("secrets_from", listNode([source], like), { isApart: true })],
    findings: [{ outcome: "translated", path: ["secrets"], at: like.at, to: ["secrets_from"], says }],
  };
}
