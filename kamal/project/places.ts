import type { Place } from "../source/place.ts";
import type { Translation } from "../translate/translate.ts";
import { childrenOf, type Path, type Tree } from "../yaml/tree.ts";

/** Where a value of a stack was in Kamal's files. */
export interface InKamal {
  readonly path: Path;
  readonly at: Place;
}

/** @param path in the stack, from the root key on */
export const inKamal = (path: Path, { findings, stack }: Translation): InKamal => ({
  path: sourceOf(path, findings),
  at: placeOf(path, stack),
});

export const isBelow = (path: Path, above: Path): boolean => above.every((key, at) => path[at] === key);

/** Whether a person has been asked about it already. */
export const isAsked = (path: Path, findings: Translation["findings"]): boolean =>
  findings.some(({ outcome, to }) => outcome === "needs you" && to !== undefined && (isBelow(path, to) || isBelow(to, path)));

/** As the nearest finding says. */
function sourceOf(path: Path, findings: Translation["findings"]): Path {
  for (let length = path.length; length > 0; length--) {
    const found = findings.find(({ to }) => to !== undefined && to.length === length && isBelow(path, to));
    if (found !== undefined) return found.path;
  }
  return path;
}

/** The line of the nearest value that is there. */
function placeOf(path: Path, stack: Tree): Place {
  let node = stack;
  for (const key of path) {
    const child = childrenOf(node).find(([name]) => name === key)?.[1];
    if (child === undefined) break;
    node = child;
  }
  return node.at;
}
