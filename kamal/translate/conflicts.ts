import { placeText } from "../source/place.ts";
import { leavesOf, type MapNode, nodeAt, pathText, type Tree } from "../yaml/tree.ts";
import type { Finding } from "./finding.ts";

/**
 * Two values of Kamal that would be one in the stack, as `healthcheck.port` of Kamal 1 beside `proxy.app_port`: the stack has the first, and a
 * person has to know of the other.
 */
export function withConflicts(findings: readonly Finding[], root: MapNode, stack: MapNode): Finding[] {
  const byTarget = Map.groupBy(
    findings.filter(({ to, outcome }) => to !== undefined && (outcome === "taken" || outcome === "translated")),
    ({ to }) => JSON.stringify(to),
  );
  const lost = new Map<Finding, Finding>();
  for (const [, all] of byTarget) {
    const [first, ...others] = all;
    if (first?.to === undefined || others.every(({ path }) => pathText(path) === pathText(first.path))) continue;
    const node = nodeAt(stack, first.to);
    const kept = all.find(({ at }) => node !== undefined && at.line === node.at.line && at.file === node.at.file) ?? first;
    for (const one of all) if (one !== kept && pathText(one.path) !== pathText(kept.path)) lost.set(one, kept);
  }
  return findings.map((one) => {
    const kept = lost.get(one) ?? partOf(one, lost);
    if (kept === undefined)
      return isStillThere(one, root, stack) ? one : { ...one, outcome: "needs you", to: undefined, says: GONE };
    return {
      ...one,
      outcome: "needs you",
      to: undefined,
      says: `is left out, since ${pathText(kept.path)} in ${placeText(kept.at)} is the same key here: remove one of the two`,
    };
  });
}

const GONE = "is left out, since the stack has a different value in its place: write it there";

/** Whether the stack has what was taken. */
function isStillThere({ outcome, path, to }: Finding, root: MapNode, stack: MapNode): boolean {
  if (outcome !== "taken" || to === undefined) return true;
  const [source, target] = [nodeAt(root, path), nodeAt(stack, to)];
  return source !== undefined && target !== undefined && textOf(source) === textOf(target);
}

/** All texts of a value, as Ruby has them. */
const textOf = (node: Tree): string =>
  JSON.stringify(leavesOf(node).map(({ path, node: leaf }) => [path, leaf.kind === "scalar" ? leaf.text : leaf.kind]));

/** A value below one that is lost, whose own place in the stack is not there. */
function partOf({ path }: Finding, lost: ReadonlyMap<Finding, Finding>): Finding | undefined {
  for (const [one, kept] of lost) if (one.path.length > 0 && one.path.every((key, at) => path[at] === key)) return kept;
  return undefined;
}
