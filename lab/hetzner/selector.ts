import { invalid } from "./api-error.ts";

export type Labels = Readonly<Record<string, string>>;

/** Whether labels match a selector of Hetzner: `env=prod,role in (web,worker),!old`. */
export function fits(selector: string, labels: Labels): boolean {
  return partsOf(selector).every((part) => holds(part, labels));
}

/** Splits at commas outside brackets. */
const partsOf = (selector: string): string[] =>
  selector
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== "");

function holds(part: string, labels: Labels): boolean {
  const among = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(part);
  if (among !== null) {
    const [, key = "", how, list = ""] = among;
    const isIn = list.split(",").some((value) => value.trim() === labels[key]);
    return how === "in" ? isIn : !isIn;
  }
  const compared = /^([^!=\s]+)\s*(==|=|!=)\s*(\S*)$/.exec(part);
  if (compared !== null) {
    const [, key = "", how, value] = compared;
    return how === "!=" ? labels[key] !== value : labels[key] === value;
  }
  const [, not, key] = /^(!?)([^!=\s()]+)$/.exec(part) ?? [];
  if (key === undefined) throw invalid("label_selector", `cannot be read: ${part}`);
  return key in labels !== (not === "!");
}
