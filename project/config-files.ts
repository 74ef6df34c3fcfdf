import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { kindAt } from "./files.ts";
import { projectAround, projectFile, projectOf, shortName } from "./place.ts";

const STACK_FILE = /^Pulumi\.(?<stack>.+)\.ya?ml$/;

/** Whether a file belongs to this stack: it is not the config of another one. */
export const isOfStack = (stack: string, name: string): boolean =>
  (STACK_FILE.exec(name)?.groups?.stack ?? shortName(stack)) === shortName(stack);

/** Pulumi.yaml, the stack's file, and the files of the project that these two name. */
export function configFiles(root: string, stack: string): string[] {
  const config = [projectFile(root), ...stackFiles(root, stack)];
  return [...config, ...config.flatMap((file) => namedIn(readFileSync(file, "utf8"), root))];
}

/**
 * The files of dotenv that a config names as sources of secrets. They decide nothing by their text, which has secrets and must be in no hash
 * that is kept in the clear: their values have a fingerprint of their own.
 */
export function secretFiles(root: string, stack: string): ReadonlySet<string> {
  const texts = [projectFile(root), ...stackFiles(root, stack)].map((file) => readFileSync(file, "utf8"));
  const written = texts.flatMap((text) => [...text.matchAll(DOTENV)].map(([, value = ""]) => value));
  return new Set(written.flatMap((value) => value.match(/[^\s"',[\]{}]+/g) ?? []).map((word) => join(root, word)));
}

/** One value, a list in brackets, or one of several lines. */
const DOTENV = /\bdotenv["']?:[ \t]*(\[[^\]]*\]|"[^"\n]*"|'[^'\n]*'|[^\s"',}#]+|(?:\s*\n[ \t]*- [^\n]*)+)/g;

/** Where the files of stacks may be: in the project, and where Pulumi.yaml says. */
export const configFolders = (root: string): string[] =>
  [".", ...valuesOf("stackConfigDir", root)].map((folder) => join(root, folder));

/** A file that Pulumi does not read does no harm. */
function stackFiles(root: string, stack: string): string[] {
  const files = configFolders(root).flatMap((folder) =>
    ["yaml", "yml"].map((end) => join(folder, `Pulumi.${shortName(stack)}.${end}`)),
  );
  return files.filter(existsSync);
}

/** The file of a stack, as Pulumi finds it from a folder of the project. */
export function stackFileIn(folder: string, stack: string): string | undefined {
  const root = projectAround(folder);
  return root === undefined ? undefined : stackFiles(root, stack).at(-1);
}

/** The same as messages name it: from the project's folder. Without a file, where Pulumi would write it. */
export function stackFileName(folder: string, stack: string): string {
  const root = projectOf(folder);
  const [configFolder = "."] = existsSync(projectFile(root)) ? valuesOf("stackConfigDir", root) : [];
  const file = stackFileIn(folder, stack) ?? join(root, configFolder, `Pulumi.${shortName(stack)}.yaml`);
  return relative(root, file);
}

/** The program as Pulumi.yaml names it; without a name, that of its folder. */
export const mainOf = (root: string): readonly string[] => {
  const named = valuesOf("main", root);
  return named.length > 0 ? named : ["."];
};

/** The code that Pulumi.yaml names besides, as in `nodeargs: --import=./hooks.ts`. */
export const codeNamedIn = (root: string): string[] =>
  namedIn(readFileSync(projectFile(root), "utf8"), root).filter((file) => /\.[cm]?[jt]sx?$/.test(file));

/** The values of a key, wherever it is: to parse YAML takes longer than all the rest, and a value too many does no harm. */
function valuesOf(key: string, root: string): string[] {
  const text = readFileSync(projectFile(root), "utf8");
  const pattern = new RegExp(`(?:^|[\\s{,])["']?${key}["']?[ \\t]*:[ \\t]*(?:"([^"\\n]*)"|'([^'\\n]*)'|([^\\s"',}#]+))`, "gm");
  return [...text.matchAll(pattern)].map(([, double, single, plain]) => double ?? single ?? plain ?? "");
}

/**
 * The files that a config names, whatever their endings, as accessories have them, and the error pages of a folder that it names. Every
 * word of it may be a name from the project's folder. An absolute one is a file of this machine only where a container gets it: elsewhere
 * it is most often in a container.
 */
export function namedIn(text: string, root: string): string[] {
  const words = text.match(/[^\s"',:=;{}[\]]+/g) ?? [];
  // A name with spaces is the rest of a line, or all between quotes.
  const values = text.split("\n").map((line) => /^\s*(?:- +)?(?:\w+: +)?["']?([^"':]+)/.exec(line)?.[1]?.trim() ?? "");
  const named = [...words, ...values].filter((word) => word.startsWith("../") || join(root, word).startsWith(root + sep));
  const absolute = [...text.matchAll(OF_THIS_MACHINE)].map(([, mounted, written]) => mounted ?? written ?? "");
  return [...new Set([...named.map((word) => join(root, word)), ...absolute])].flatMap((path) => {
    const kind = kindAt(path);
    return kind === "file" ? [path] : kind === "folder" ? errorPagesIn(path) : [];
  });
}

/** `/home/ci/my.cnf:/etc/my.cnf`, and the value of a key that is a path on this machine. */
const OF_THIS_MACHINE = /(?<![\w.~])(\/[^\s"',:=;{}[\]]+):\/|\b(?:local|error_pages_path):[ \t]*["']?(\/[^\n"']+)/g;

const errorPagesIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => /^[45]\d\d\.html$/.test(name))
    .map((name) => join(folder, name));
