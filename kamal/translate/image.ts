import { type Entry, entry, textNode } from "../yaml/tree.ts";
import { scalarOf } from "./copy.ts";
import { textAt } from "./facts.ts";
import type { Rule } from "./rule.ts";
import type { Cursor, Run } from "./run.ts";

/** `image`, which Kamal builds, pushes and tags with the commit. */
export const image: Rule<unknown> = {
  status: "translated",
  note: "without a tag: the commit names the release; left out with a registry on localhost; in small letters",
  apply: (cursor, run, { to, key }): Entry[] => {
    const { node } = cursor;
    if (node.kind !== "scalar") {
      run.ask(cursor, "should be the name of an image");
      return [];
    }
    if (run.facts.registry.kind === "none") {
      run.translate(cursor, "not needed: hosts get the image from this machine, through SSH");
      return [];
    }
    const before = run.findings.length;
    const value = scalarOf(cursor, node, run, "text", [...to, key]);
    if (value === undefined) return [];
    const { text, because } = withRegistry(value.text, run);
    const lower = value.isUnknown ? text : text.toLowerCase();
    const says = [...because, ...(lower === text ? [] : [`is in small letters: ${lower}`])].join("; ");
    const tag = /:[\w.-]+$/.exec(lower.slice(lower.lastIndexOf("/") + 1))?.[0];
    if (tag !== undefined)
      run.ask(
        cursor,
        `has the tag ${tag.slice(1)}, behind which Kamal writes a second one: remove it, or remove builder to release that image`,
        [...to, key],
      );
    else if (says !== "") run.translate(cursor, says, [...to, key]);
    else if (run.findings.length === before) run.take(cursor, [...to, key]);
    return [entry(key, lower === value.text ? value : { ...textNode(lower, node), isQuoted: value.isQuoted })];
  },
};

function withRegistry(
  written: string,
  { facts: { registry } }: Run,
): { readonly text: string; readonly because: readonly string[] } {
  if (registry.kind === "none") return { text: written, because: [] };
  const whole = [registry.server, registry.path].filter((part) => part !== "").join("/");
  const isHub = registry.server === "docker.io";
  if (written.startsWith(`${registry.server}/`))
    return { text: written, because: [`is ${written}: Kamal writes ${registry.server} in front of it once more`] };
  if (registry.kind === "open" || registry.path !== "")
    return { text: isHub ? written : `${whole}/${written}`, because: isHub ? [] : [`begins with ${whole}/, as in Kamal`] };
  return { text: written, because: [] };
}

/** With the name of its registry, without tag. */
export function absoluteImage(root: Cursor, run: Run): string {
  const { registry } = run.facts;
  const written = (textAt(root.node, ["image"]) ?? run.facts.service).toLowerCase();
  if (registry.kind === "none" || registry.server === "docker.io" || written.startsWith(`${registry.server}/`)) return written;
  return [registry.server, registry.path, written].filter((part) => part !== "").join("/");
}
