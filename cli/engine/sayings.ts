import { hostLabel, hostNames, inNaturalOrder } from "../../core/host-names.ts";

/** What a resource says of itself, or what the engine does with one that says nothing. */
export type Saying =
  | { readonly kind: "plan"; readonly type: string; readonly name: string; readonly text: string }
  | { readonly kind: "step"; readonly type: string; readonly name: string; readonly op: string };

/** What is printed together: the resources, and the text under them; none for a step. */
export interface Printed {
  readonly type: string;
  readonly names: readonly string[];
  readonly heading: string;
  readonly text: string;
}

/** In the order in which a run reaches them. What the engine asks side by side comes in a different order each time. */
const TYPES = [
  "HostKey",
  "DockerEngine",
  "Hardening",
  "Firewall",
  "Exposure",
  "Setup",
  "RegistryLogin",
  "Tenancy",
  "Proxy",
  "Accessory",
  "Schedule",
  "Release",
  "Hook",
].map((noun) => `slipway:${noun}`);

/** Sayings that came at about the same time, in an order that is the same in each run; what is the same on several hosts is said once. */
export function printedTogether(sayings: readonly Saying[]): Printed[] {
  const names = inNaturalOrder(sayings.map(({ name }) => name));
  const rank = ({ kind, type, name }: Saying) => [kind === "step" ? -1 : TYPES.indexOf(type), names.indexOf(name)] as const;
  const ordered = sayings.toSorted((a, b) => {
    const [[one, at], [other, there]] = [rank(a), rank(b)];
    return one - other || (a.kind === "step" ? 0 : at - there);
  });
  return [...Map.groupBy(ordered.map(withoutEarlierNotes), likeness).values()].map(printedOnce);
}

const NOT_LOOKED_AT = /\n +planned without a look at the host: (.*)/g;

/** Each thing on a host that could not be looked at says so. The last one, as a rule the release, says it for all. */
function withoutEarlierNotes(saying: Saying, at: number, all: readonly Saying[]): Saying {
  if (saying.kind === "step") return saying;
  const later = all.slice(at + 1).filter((other) => other.kind === "plan" && other.name !== saying.name);
  const isSaidLater = (reason: string) =>
    later.some((other) => other.kind === "plan" && other.text.includes(`planned without a look at the host: ${reason}`));
  return { ...saying, text: saying.text.replace(NOT_LOOKED_AT, (note, reason: string) => (isSaidLater(reason) ? "" : note)) };
}

/** Sayings with the same likeness differ in nothing but their host. */
const likeness = (saying: Saying): string =>
  JSON.stringify(saying.kind === "step" ? ["step", saying.op, saying.type] : ["plan", saying.type, ...parts(saying)]);

/** `web-1   run kamal-proxy`, `db on web-1   run redis:8.0` */
const ON_HOST = /^((?:\S+ on )?)(\S+)( {3}.*)$/s;

/** A text without its host, if it is one of a host that it names once, as the resource's own name does. Else the resource itself. */
function parts({ name, text }: Extract<Saying, { kind: "plan" }>): readonly string[] {
  const [, before = "", host = "", after = ""] = ON_HOST.exec(text) ?? [];
  if (host === "" || !name.includes(host) || after.includes(host)) return [name, text];
  return [name.replace(host, "\0"), before, after];
}

function printedOnce(sayings: readonly Saying[]): Printed {
  const [first] = sayings;
  if (first === undefined) return { type: "", names: [], heading: "", text: "" };
  const { type } = first;
  const names = inNaturalOrder(sayings.map(({ name }) => name));
  if (first.kind === "step") return { type, names, heading: "", text: `${first.op} ${type} ${hostNames(names)}` };
  const heading = type === "" ? "" : `${type} ${headingOf(names)}`;
  const texts = new Set(sayings.flatMap((saying) => (saying.kind === "plan" ? [saying.text] : [])));
  if (names.length === 1) return { type, names, heading, text: [...texts].join("\n") };
  const [, before = "", , after = ""] = ON_HOST.exec(first.text) ?? [];
  const hosts = [...texts].map((text) => ON_HOST.exec(text)?.[2] ?? "");
  const label = hostLabel(hosts);
  const on = label.names === undefined ? "" : `\n  on ${label.names}`;
  return { type, names, heading, text: `${before}${label.label}${after}${on}` };
}

const headingOf = (names: readonly string[]): string => {
  const all = hostNames(names);
  return names.length === 1 || all.length <= 60 ? all : `(${names.length})`;
};
