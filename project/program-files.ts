import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { isBuiltin } from "node:module";
import { basename, dirname, join, sep } from "node:path";
import { codeNamedIn, isOfStack, mainOf } from "./config-files.ts";
import { contains, filesIn, kindAt, MOST_FILES, treeOf, Unbounded } from "./files.ts";
import { manifestAt } from "./manifest.ts";
import { isSlipway, SLIPWAY } from "./slipway-files.ts";

const CODE = /\.[cm]?[jt]sx?$/;
const ENDINGS = [".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs", ".jsx", ".json"];
/** What else decides how a program runs. */
const AROUND =
  /^(?:package\.json|package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|tsconfig\.json|\.env.*)$/;

/**
 * The files that a program is made of: those beside its main file, and all that these import or name, from file to file.
 *
 * A name in quotes counts if there is a file of that name, whatever the program does with it. A folder counts only in a program that
 * reads files or imports by a computed name, because it may be a word like any other: `"web"`.
 *
 * @throws Unbounded when it imports something by an alias, or is too large
 */
export function programFiles(root: string, stack: string): string[] {
  const program = new Program(root);
  const entries = mainOf(root).flatMap((main) => modulesAt(join(root, main)));
  for (const folder of new Set([root, ...entries.map((entry) => dirname(entry))])) program.addFolder(folder, entries, stack);
  for (const file of [...entries, ...codeNamedIn(root)]) program.add(file);
  return program.follow();
}

class Program {
  readonly #root: string;
  readonly #files = new Set<string>();
  /** Those of them that may import others. It grows while it is iterated. */
  readonly #code = new Set<string>();

  constructor(root: string) {
    this.#root = root;
  }

  /** A file that the program runs or reads. */
  add(file: string): void {
    this.#count(file);
    if (CODE.test(file)) this.#code.add(file);
  }

  #count(file: string): void {
    this.#files.add(file);
    if (this.#files.size > MOST_FILES) throw new Unbounded(`the program consists of more than ${MOST_FILES} files`);
  }

  /** The files beside the program; of another folder only those that decide how it runs. */
  addFolder(folder: string, entries: readonly string[], stack: string): void {
    const isProgram = entries.some((entry) => dirname(entry) === folder);
    const files = isProgram ? filesIn(folder) : [];
    const around = readdirSync(folder).filter((name) => AROUND.test(name));
    for (const file of [...files, ...around.map((name) => join(folder, name))])
      if (isOfStack(stack, basename(file))) this.#count(file);
  }

  follow(): string[] {
    for (const file of this.#code) if (!isSlipway(file)) this.#scan(file, readFileSync(file, "utf8"));
    return [...this.#files];
  }

  #scan(file: string, text: string): void {
    const readsFolders = READS.test(text);
    for (const name of namesIn(text)) {
      const places = new Set([dirname(file), this.#root].map((folder) => join(folder, name)));
      for (const path of places) {
        const isImport = /^\.\.?\//.test(name);
        if (!isImport && !path.startsWith(this.#root + sep)) continue;
        for (const found of isImport ? modulesAt(path) : [path]) if (kindAt(found) === "file") this.add(found);
        if (readsFolders) this.#addTree(path, file);
      }
    }
    for (const specifier of packagesIn(text)) this.#addPackage(specifier, file);
  }

  /** A folder around the program is not walked: it would be all that there is. */
  #addTree(path: string, file: string): void {
    if (kindAt(path) !== "folder" || contains(path, file) || isSlipway(path)) return;
    for (const found of treeOf(path)) this.add(found);
  }

  /** The lock file says which version of a package is installed. A linked one, as of a workspace, is read. */
  #addPackage(specifier: string, file: string): void {
    const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
    const folder = installedAt(name, dirname(file));
    if (folder === undefined) {
      if (name === SLIPWAY.name) return;
      throw new Unbounded(`the program imports ${specifier}, which is not a file or an installed package`);
    }
    const real = realpathSync(folder);
    if (real.includes(`${sep}node_modules${sep}`) || isSlipway(real)) return;
    for (const found of treeOf(real)) this.add(found);
  }
}

/** Any of these may read what no quotes name in full. */
const READS = /\bfs\b|\breaddir|\bglob\b|\b(?:File|Remote)?(?:Asset|Archive)\b|\b(?:import|require)\s*\(\s*[^"'\s)]/;

/** Everything between quotes, and some of what is not, which does no harm. Of a template, its beginning. */
const namesIn = (text: string): Set<string> =>
  new Set(
    text
      .split(/["'`\n]/)
      .map((part) => part.split("${", 1)[0] ?? "")
      .filter((part) => part !== "" && part.length < 256 && !/^\s|\s$|[(){}=<>;*?|\\]/.test(part)),
  );

const IMPORT = /(?:\bfrom|\bimport|\brequire\s*\(|\bimport\s*\()\s*["']([@#~\w][^\s"'`]*)["']/g;
const COMMENT = /^\s*(?:\/\/|\/?\*).*$/gm;

const packagesIn = (text: string): string[] =>
  [...text.replaceAll(COMMENT, "").matchAll(IMPORT)]
    .map(([, specifier = ""]) => specifier)
    .filter((specifier) => !isBuiltin(specifier));

function installedAt(name: string, folder: string): string | undefined {
  const path = join(folder, "node_modules", name);
  if (existsSync(path)) return path;
  return dirname(folder) === folder ? undefined : installedAt(name, dirname(folder));
}

/** What an import of a path may mean: the file, the file without its ending, or the main file of a folder. */
function modulesAt(path: string): string[] {
  const written = path.replace(/\.([cm]?)js$/, ".$1ts");
  const beside = [path, written, ...ENDINGS.map((ending) => path + ending)].filter((file) => kindAt(file) === "file");
  if (kindAt(path) !== "folder") return beside;
  const { main } = manifestAt(join(path, "package.json"));
  const named = main === undefined ? [] : modulesAt(join(path, main));
  return [
    ...beside,
    ...named,
    ...ENDINGS.map((ending) => join(path, `index${ending}`)).filter((file) => kindAt(file) === "file"),
  ];
}
