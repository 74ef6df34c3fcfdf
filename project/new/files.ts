/** A project without a program of its own: its stacks' files say everything. */
export interface NewProject {
  /** Of the app: letters, digits, `.`, `-` and `_`. */
  readonly name: string;
  /** The URL of its backend; `undefined`: that of its user, else a folder of the project. */
  readonly backend?: string | undefined;
  /** Its program, from the project's folder. Default: the package's own, which declares what the stack's file says. */
  readonly main?: string | undefined;
}

/** The program in the package, which declares what the stack's file says. */
export const OWN_PROGRAM = "node_modules/slipway/program.js";

/** Its Pulumi.yaml. */
export const projectText = ({ name, backend, main = OWN_PROGRAM }: NewProject): string =>
  [
    `name: ${/^[a-z]/i.test(name) ? name : JSON.stringify(name)}`,
    `main: ${main}`,
    "runtime: { name: nodejs, options: { typescript: false } }",
    "options: { refresh: always } # each preview looks at what really runs",
    ...(backend === undefined ? [] : [`backend: { url: ${JSON.stringify(backend)} }`]),
    "",
  ].join("\n");

export interface NewManifest {
  /** Of the app. */
  readonly name: string;
  /** The versions of all packages, as npm takes them. */
  readonly versions: Readonly<Record<string, string>>;
}

/** What every project depends on. */
export const NEEDED = ["@pulumi/pulumi", "slipway"] as const;

/** Its package.json. */
export function manifestText({ name, versions }: NewManifest): string {
  const wanted = [...NEEDED].sort();
  const manifest = {
    name: `${name.toLowerCase().replace(/^[._]+/, "")}-deploy`,
    private: true,
    type: "module",
    dependencies: Object.fromEntries(wanted.map((one) => [one, versions[one] ?? "*"])),
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** What git should not have of a project: packages, and its state and passphrase if they are kept in it. */
export const IGNORED = ["node_modules/", ".pulumi/", ".cache/"] as const;

/** A .gitignore with all of these lines; those that it has already stay where they are. */
export function ignoring(text: string, lines: readonly string[] = IGNORED): string {
  const has = new Set(text.split(/\r?\n/).map((line) => line.trim().replace(/^\//, "").replace(/\/$/, "")));
  const missing = lines.filter((line) => !has.has(line.replace(/\/$/, "")));
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const end = text === "" || text.endsWith("\n") ? "" : eol;
  return missing.length === 0 ? text : `${text}${end}${missing.map((line) => line + eol).join("")}`;
}

/** A name as a project and a service have it. @example nameFrom("@acme/Shop App") // "shop-app" */
export function nameFrom(text: string): string {
  const plain = text
    .toLowerCase()
    .replace(/^.*\//, "")
    .replace(/[^a-z0-9_-]+/g, "-")
    .replace(/^[-_]+|-+$/g, "");
  return plain === "" ? "app" : plain;
}

/** The line by which editors check a stack's file. */
export const SCHEMA_LINE = "# yaml-language-server: $schema=./node_modules/slipway/config/slipway.schema.json";
