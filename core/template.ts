/** `${NAME}`, and `$${`, which is a literal `${`. Other forms, such as `${NAME:-x}`, are left alone. */
const FORM = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/**
 * The names in a template, each once.
 *
 * @example templateNames("port = ${PORT}  # $${PORT}") // ["PORT"]
 */
export const templateNames = (template: string): string[] => [
  ...new Set([...template.matchAll(FORM)].flatMap(([, name]) => name ?? [])),
];

/**
 * A template with its values filled in.
 *
 * @throws TypeError with the names that have no value
 * @example fillTemplate("maxmemory ${LIMIT}", { LIMIT: "1gb" }) // "maxmemory 1gb"
 */
export function fillTemplate(template: string, values: Readonly<Record<string, string>>): string {
  const missing = templateNames(template).filter((name) => !Object.hasOwn(values, name));
  if (missing.length > 0) throw new TypeError(`no value for ${missing.join(", ")}`);
  return template.replace(FORM, (_place, name: string | undefined) => (name === undefined ? "${" : (values[name] ?? "")));
}
