/** Whether `found` (`26.1.5+dfsg1`) is older than what `wanted` (`28`, `28.3`) asks for. */
export function isOlder(found: string, wanted: string): boolean {
  const has = numbers(found);
  const differing = numbers(wanted)
    .map((number, at) => (has[at] ?? 0) - number)
    .find((difference) => difference !== 0);
  return differing !== undefined && differing < 0;
}

const numbers = (version: string): number[] => (/^\d+(?:\.\d+)*/.exec(version)?.[0] ?? "0").split(".").map(Number);
