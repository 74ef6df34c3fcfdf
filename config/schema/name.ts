import { isIP } from "node:net";

/** Service, role and destination: they become parts of container names. */
export const isName = (text: string): boolean => /^[a-z0-9][a-z0-9_-]*$/i.test(text);
export const NAME_RULE = "use letters, digits, - and _, and begin with a letter or digit";

export const isHostName = (text: string): boolean => /^[a-z0-9][a-z0-9_.-]*$/i.test(text);

export const isEnvName = (text: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(text);

/**
 * A variable of a container, which some servers name with dots: `discovery.type`. Not `tags.…`: with an encrypted `env` that would be the
 * name of a tag's value.
 */
export const isVariable = (text: string): boolean => /^(?!tags\.)[A-Za-z_][A-Za-z0-9_.-]*$/.test(text);

const DNS_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;

/** An IPv4 or IPv6 address, or a host name. `203.0.113.300` is neither: the last label of a name is not a number. */
export function isAddress(text: string): boolean {
  if (isIP(text) !== 0) return true;
  return DNS_NAME.test(text) && !/(^|\.)\d+$/.test(text);
}

export { isIP };

/** The end of a sentence about a text that is no address. */
export const withoutBrackets = (text: string): string =>
  isIP(/^\[(.*)\]$/.exec(text)?.[1] ?? "") === 6 ? "; write it without brackets" : "";

/** Control characters that JSON leaves as they are, line separators, and those that change the direction of text. */
const INVISIBLE = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** A text in quotes, as one line that a terminal prints as it is. */
export const quoted = (text: string): string =>
  JSON.stringify(text).replace(INVISIBLE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** `1 host`, `3 hosts`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
