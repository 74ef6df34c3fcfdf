import type { HostName } from "./words.ts";

/** Shorter runs of numbered names are written out. */
const SHORTEST_RUN = 3;

const { compare } = new Intl.Collator("en", { numeric: true });

/** Each name once, in an order that people expect: web-2 before web-10. */
export const inNaturalOrder = (names: Iterable<HostName>): HostName[] =>
  [...new Set(names)].sort((a, b) => compare(a, b) || (a < b ? -1 : 1));

/**
 * Many names in few words, in their natural order.
 *
 * @example hostNames(["web-3", "web-1", "web-2", "jobs-1"]) // "jobs-1, web-1 … web-3"
 */
export function hostNames(names: Iterable<HostName>): string {
  const runs: HostName[][] = [];
  for (const name of inNaturalOrder(names)) {
    const run = runs.at(-1);
    if (run !== undefined && continues(run, name)) run.push(name);
    else runs.push([name]);
  }
  return runs.flatMap((run) => (run.length < SHORTEST_RUN ? run : [`${run[0]} … ${run.at(-1)}`])).join(", ");
}

/** Longer lists of names get a line of their own. */
const LONGEST_LABEL = 40;

/**
 * The names as the beginning of a line: all of them, or their count and the names for a line below.
 *
 * @example hostLabel(["web-1", "web-2", "web-3"]) // { label: "web-1 … web-3" }
 */
export function hostLabel(hosts: readonly HostName[]): { readonly label: string; readonly names?: string } {
  const names = hostNames(hosts);
  return names.length <= LONGEST_LABEL || hosts.length === 1 ? { label: names } : { label: `${hosts.length} hosts`, names };
}

/** Whether a name follows the last one of a run, and counts where all of them do. */
function continues(run: readonly HostName[], name: HostName): boolean {
  const [first = "", last = ""] = [run[0], run.at(-1)];
  const at = placeOfStep(last, name);
  return at !== undefined && (run.length === 1 || placeOfStep(first, run[1] ?? "") === at);
}

/** Which part of two names is a number that is greater by one, if all others are the same: `1` of `web-1` and `web-2`. */
function placeOfStep(from: HostName, to: HostName): number | undefined {
  const [parts, others] = [partsOf(from), partsOf(to)];
  if (parts.length !== others.length) return undefined;
  const different = parts.flatMap((part, at) => (part === others[at] ? [] : [at]));
  const [at] = different;
  if (at === undefined || different.length > 1) return undefined;
  const part = parts[at] ?? "";
  return /^\d+$/.test(part) && String(BigInt(part) + 1n).padStart(part.length, "0") === others[at] ? at : undefined;
}

/** `web-`, `1`, `.example` */
const partsOf = (name: HostName): string[] => name.split(/(\d+)/);
