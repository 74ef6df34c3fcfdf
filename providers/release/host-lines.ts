import { hostLabel, inNaturalOrder } from "../../core/host-names.ts";
import type { HostName } from "../../core/words.ts";

/** From this many hosts on, what differs in nothing but the hashes of container names is one line. */
const MANY = 4;

/** The hash of a release's config at the end of a container's name; a replica's number may follow. */
const HASH = /-[0-9a-f]{8}(?=\.\d+\b|[ ,;)]|$)/g;
const withoutHashes = (what: string): string => what.replace(HASH, "-…");

/**
 * What happens on the hosts, in their natural order: a line for all hosts with which the same happens, so that one with which something else
 * happens is seen.
 *
 * @example hostLines(new Map([["web-2", "start shop"], ["web-1", "start shop"]])) // ["  web-1, web-2  start shop"]
 */
export function hostLines(what: ReadonlyMap<HostName, string>): string[] {
  const groups = grouped(what).map(({ hosts, text }) => ({ ...hostLabel(hosts), text }));
  const width = Math.max(...groups.map(({ label }) => label.length));
  return groups.flatMap(({ label, names, text }) => [
    `  ${label.padEnd(width)}  ${text}`,
    ...(names === undefined ? [] : [`  ${" ".repeat(width)}  on ${names}`]),
  ]);
}

interface Group {
  readonly hosts: readonly HostName[];
  readonly text: string;
}

function grouped(what: ReadonlyMap<HostName, string>): Group[] {
  const hosts = inNaturalOrder(what.keys());
  const textOf = (host: HostName) => what.get(host) ?? "";
  const alike = [...Map.groupBy(hosts, (host) => withoutHashes(textOf(host)))];
  const groups = alike.flatMap(([text, these]): Group[] => {
    const same = [...Map.groupBy(these, textOf)];
    const differ = same.length > 1 && these.length >= MANY;
    return differ ? [{ hosts: these, text }] : same.map(([exact, those]) => ({ hosts: those, text: exact }));
  });
  const place = ({ hosts: [first = ""] }: Group) => hosts.indexOf(first);
  return groups.sort((a, b) => place(a) - place(b));
}
