import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, isAbsolute, join } from "node:path";
import { expandHome } from "../../core/key-files.ts";
import { userName } from "../../core/this-user.ts";
import { isLike, isListed } from "../../core/wildcard.ts";
import type { Milliseconds } from "../../core/words.ts";

/** The settings for one host, by lower-case keyword, in the order in which they were found. */
export type Settings = ReadonlyMap<string, readonly string[]>;

/** What `ssh` would be called with. */
export interface Query {
  readonly host: string;
  /** Empty: what the files say. */
  readonly user: string;
  readonly home: string;
}

/** A line that ssh understands and this reader does not, in a block that may apply to the host. */
export class NotUnderstood extends Error {}

/** Keywords that collect values instead of keeping the first. */
const COLLECTED: ReadonlySet<string> = new Set(["identityfile", "certificatefile"]);
/** Of these two, the first one wins. */
const EXCLUDES: Readonly<Record<string, string>> = { proxyjump: "proxycommand", proxycommand: "proxyjump" };
/** As in ssh. */
const MOST_INCLUDES = 16;
const EXEC_TIMEOUT: Milliseconds = 10_000;

/**
 * Evaluates `ssh_config` files as `ssh -G` does: the first value wins, an `Include` belongs to the block that it is in, `Match exec` runs
 * its command. Canonical names are left to the caller.
 */
export async function readSettings(files: readonly string[], query: Query): Promise<Settings> {
  const first = new Evaluation(query, new Map(), "first");
  for (const file of files) await first.read(file, 0);
  if (!first.hasFinal) return first.settings;
  // As in ssh, with the name that the first pass found.
  const final = new Evaluation({ ...query, host: first.hostName }, first.settings, "final");
  for (const file of files) await final.read(file, 0);
  return final.settings;
}

class Evaluation {
  readonly settings: Map<string, string[]>;
  readonly #query: Query;
  readonly #pass: "first" | "final";
  hasFinal = false;

  constructor(query: Query, settings: Map<string, string[]>, pass: "first" | "final") {
    this.#query = query;
    this.settings = settings;
    this.#pass = pass;
  }

  get hostName(): string {
    const name = this.settings.get("hostname")?.[0];
    return name === undefined ? this.#query.host : name.replaceAll("%h", this.#query.host).replaceAll("%%", "%");
  }

  async read(file: string, depth: number): Promise<void> {
    if (depth > MOST_INCLUDES) return;
    let applies = true;
    for (const line of (await readIfPresent(file)).split("\n")) {
      const [, word, rest = ""] = /^\s*([A-Za-z]\w*)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(line) ?? [];
      if (word === undefined) continue;
      const keyword = word.toLowerCase();
      if (keyword === "host") applies = isListed(argumentsOf(rest), this.#query.host);
      else if (keyword === "match") applies = await this.#matches(argumentsOf(rest), line.trim());
      else if (applies && keyword === "include") await this.#include(argumentsOf(rest), depth);
      else if (applies) this.#set(keyword, rest);
    }
  }

  async #include(patterns: readonly string[], depth: number): Promise<void> {
    for (const pattern of patterns)
      for (const file of await filesLike(pattern, this.#query.home)) await this.read(file, depth + 1);
  }

  #set(keyword: string, rest: string): void {
    const excluded = EXCLUDES[keyword];
    if (excluded !== undefined && this.settings.has(excluded)) return;
    // A command is kept with its quotes.
    const values = keyword === "proxycommand" ? [rest] : argumentsOf(rest);
    const known = this.settings.get(keyword);
    if (known === undefined) this.settings.set(keyword, values);
    else if (COLLECTED.has(keyword)) known.push(...values.filter((value) => !known.includes(value)));
  }

  async #matches(words: readonly string[], line: string): Promise<boolean> {
    let matches = true;
    const queue = words.flatMap((word) => {
      const [, criterion, value] = /^(!?[a-z]+)=(.*)$/i.exec(word) ?? [];
      return criterion === undefined || value === undefined ? [word] : [criterion, value];
    });
    while (queue.length > 0) {
      const word = queue.shift() ?? "";
      const name = word.replace(/^!/, "").toLowerCase();
      const value = WITHOUT_VALUE.has(name) ? "" : (queue.shift() ?? "");
      if (name === "final") this.hasFinal = true;
      const found: boolean = matches && (await this.#holds(name, value, line));
      matches &&= found !== word.startsWith("!");
    }
    return matches;
  }

  async #holds(name: string, value: string, line: string): Promise<boolean> {
    const { host, user } = this.#query;
    const criteria: Readonly<Record<string, () => boolean | Promise<boolean>>> = {
      all: () => true,
      canonical: () => false,
      final: () => this.#pass === "final",
      host: () => isListed(lowered(value), this.hostName.toLowerCase()),
      originalhost: () => isListed(lowered(value), host.toLowerCase()),
      user: () => isListed(value.split(","), user || (this.settings.get("user")?.[0] ?? userName())),
      localuser: () => isListed(value.split(","), userName()),
      exec: () => this.#runs(value),
    };
    const criterion = criteria[name];
    if (criterion === undefined) throw new NotUnderstood(`${JSON.stringify(line)} is not understood: ${name}`);
    return criterion();
  }

  #runs(command: string): Promise<boolean> {
    const { host, user, home } = this.#query;
    const tokens: Readonly<Record<string, string>> = {
      "%%": "%",
      "%d": home,
      "%h": this.hostName,
      "%L": hostname().split(".", 1)[0] ?? "",
      "%l": hostname(),
      "%n": host,
      "%p": this.settings.get("port")?.[0] ?? "22",
      "%r": user || (this.settings.get("user")?.[0] ?? userName()),
      "%u": userName(),
    };
    const text = command.replace(/%[%A-Za-z]/g, (token) => tokens[token] ?? token);
    return new Promise((resolve) => {
      const shell = process.env.SHELL || "/bin/sh";
      execFile(shell, ["-c", text], { timeout: EXEC_TIMEOUT }, (error) => resolve(error === null)).stdin?.end();
    });
  }
}

const WITHOUT_VALUE: ReadonlySet<string> = new Set(["all", "canonical", "final"]);

/** Words, some of them in quotes, up to a comment. */
function argumentsOf(text: string): string[] {
  const words: string[] = [];
  for (const [word, quoted] of text.matchAll(/"((?:\\.|[^"\\])*)"|[^\s"]\S*/g)) {
    if (word.startsWith("#")) break;
    words.push(quoted === undefined ? word : quoted.replace(/\\(["\\])/g, "$1"));
  }
  return words;
}

const lowered = (list: string): string[] => list.toLowerCase().split(",");

async function filesLike(pattern: string, home: string): Promise<string[]> {
  const expanded = expandHome(pattern, home);
  const path = isAbsolute(expanded) ? expanded : join(home, ".ssh", expanded);
  if (!/[*?]/.test(path)) return [path];
  const names = await readdir(dirname(path)).catch(() => []);
  return names
    .filter((name) => isLike(basename(path), name))
    .sort()
    .map((name) => join(dirname(path), name));
}

/** Empty if the file is missing. */
export async function readIfPresent(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return "";
    throw error;
  }
}
