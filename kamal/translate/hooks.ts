import type { Hook } from "../files/hooks.ts";
import { placeText } from "../source/place.ts";
import { type Entry, entry, textNode } from "../yaml/tree.ts";
import type { Run } from "./run.ts";

/** What is done instead of a call of Kamal. */
const INSTEAD: Partial<Record<Hook["name"], string>> = {
  "pre-deploy":
    "if it is a migration, write its command as slipway:release, which runs in the new image before anything is switched, and remove the hook",
};

/** Hooks of Kamal's folder, which Slipway runs as they are. */
export function translateHooks(hooks: readonly Hook[], run: Run): Entry[] {
  const [first] = hooks;
  if (first === undefined) return [];
  for (const { name, at, callsKamal } of hooks) {
    const cursor = { path: ["hooks", name], node: textNode(name, { at, comment: undefined }), at };
    if (callsKamal === undefined) {
      run.translate(cursor, "is run by Slipway, at the same moment");
      continue;
    }
    const line = placeText({ ...at, line: callsKamal });
    run.ask(cursor, `calls Kamal in ${line}: ${INSTEAD[name] ?? "write what it does with slipway"}`);
  }
  const folder = run.fromProject(first.at.file.slice(0, -`/${first.name}`.length));
  return [entry("hooks_path", textNode(folder, { at: first.at, comment: undefined }), { isApart: true })];
}
