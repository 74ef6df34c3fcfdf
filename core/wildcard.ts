/**
 * Whether a name is like a pattern, as ssh compares them: `*` is any text, `?` one character. It goes back to the last `*` alone, so that
 * a pattern of many stars takes no longer than its length times that of the name.
 *
 * @example isLike("*.example.com", "web.example.com") // true
 */
export function isLike(pattern: string, name: string): boolean {
  let [at, from] = [0, 0];
  let star: { readonly after: number; taken: number } | undefined;
  while (from < name.length) {
    const char = pattern[at];
    if (char === "*") star = { after: ++at, taken: from };
    else if (char !== undefined && (char === "?" || char === name[from])) {
      at++;
      from++;
    } else if (star === undefined) return false;
    else {
      at = star.after;
      from = ++star.taken;
    }
  }
  return /^\**$/.test(pattern.slice(at));
}

/** Whether a name is like one of a list of patterns, and like none that is negated with `!`. */
export function isListed(patterns: readonly string[], name: string): boolean {
  if (patterns.some((pattern) => pattern.startsWith("!") && isLike(pattern.slice(1), name))) return false;
  return patterns.some((pattern) => isLike(pattern, name));
}
