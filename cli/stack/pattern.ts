/** What stands for other characters in a pattern. */
const WILDCARDS: Readonly<Record<string, string>> = { "*": ".*", "?": "." };

const escaped = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/-]/, "\\$&");

/**
 * Whether a name fits a pattern, in which `*` is any number of characters and `?` is one, as in Kamal and in a shell. Pure.
 *
 * @example matches("web-*", "web-1") // true
 */
export function matches(pattern: string, name: string): boolean {
  const source = [...pattern].map((character) => WILDCARDS[character] ?? escaped(character)).join("");
  return new RegExp(`^${source}$`, "s").test(name);
}
