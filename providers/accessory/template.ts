const FORM = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/**
 * A file with the values of an environment in it. `$${` is a literal `${`; what has another form stays as it is.
 *
 * @throws TypeError with the names that are not in the environment
 * @example fill("maxmemory ${LIMIT}", { LIMIT: "1gb" }) // "maxmemory 1gb"
 */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  const unknown = new Set<string>();
  const filled = text.replace(FORM, (_all, name: string | undefined) => {
    if (name === undefined) return "${";
    if (!Object.hasOwn(values, name)) unknown.add(name);
    return values[name] ?? "";
  });
  if (unknown.size > 0) throw new TypeError(`not in the environment: ${[...unknown].sort().join(", ")}`);
  return filled;
}
