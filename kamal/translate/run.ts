import type { Place } from "../source/place.ts";
import type { Surroundings } from "../source/surroundings.ts";
import { childrenOf, type Key, type Path, type Tree } from "../yaml/tree.ts";
import type { Facts } from "./facts.ts";
import type { Finding, Outcome } from "./finding.ts";
import type { SecretBook } from "./secret-book.ts";

/** A value of Kamal's config, and where it is there. */
export interface Cursor {
  readonly path: Path;
  readonly node: Tree;
  /** Of its key, which may be in another line. */
  readonly at: Place;
}

export function childAt({ path, node }: Cursor, key: Key): Cursor | undefined {
  const child = childrenOf(node).find(([name]) => name === key)?.[1];
  if (child === undefined) return undefined;
  const entry = node.kind === "map" ? node.entries.find((one) => one.key === key) : undefined;
  return { path: [...path, key], node: child, at: entry?.at ?? child.at };
}

export const childrenIn = (cursor: Cursor): Cursor[] => childrenOf(cursor.node).flatMap(([key]) => childAt(cursor, key) ?? []);

/** A file of the app that the project needs in its own folder. */
export interface Copied {
  /** From the app's folder. */
  readonly from: string;
  /** From the project's folder. */
  readonly to: string;
}

/** Whether values are written once, or read again for each run, as Kamal reads them for each deploy. */
export type Mode = "written once" | "read for each run";

/** One translation: what it knows, and what it finds. */
export class Run {
  readonly findings: Finding[] = [];
  readonly copied: Copied[] = [];
  readonly secrets: SecretBook;
  readonly facts: Facts;
  readonly around: Surroundings;
  /** From the project's folder to the app's: `..`. */
  readonly toApp: string;
  readonly mode: Mode;

  constructor(facts: Facts, secrets: SecretBook, around: Surroundings, toApp: string, mode: Mode) {
    this.mode = mode;
    this.facts = facts;
    this.secrets = secrets;
    this.around = around;
    this.toApp = toApp;
  }

  /** It is in the stack as it was. */
  take(cursor: Cursor, to: Path): void {
    this.#add("taken", cursor, "", to);
  }

  /** It has another form in the stack, or is not needed there. */
  translate(cursor: Cursor, says: string, to?: Path): void {
    this.#add("translated", cursor, says, to);
  }

  /** It says nothing. */
  empty(cursor: Cursor): void {
    this.translate(cursor, "is empty, as if it were not there");
  }

  /** A person has to do something about it. */
  ask(cursor: Cursor, says: string, to?: Path): void {
    this.#add("needs you", cursor, says, to);
  }

  #add(outcome: Outcome, { path, at }: Cursor, says: string, to: Path | undefined): void {
    this.findings.push({ outcome, path, at, to, says });
  }

  /** Whether the project's folder is the app's, or around it. */
  get isAroundApp(): boolean {
    return !/^\.\.(?:\/|$)/.test(this.toApp);
  }

  /** A path of the app, as seen from the project's folder. */
  fromProject(path: string): string {
    if (path.startsWith("/") || path.startsWith("~")) return path;
    const plain = path.replace(/^(?:\.\/)+/, "").replace(/\/+$/, "");
    if (plain === "" || plain === ".") return this.toApp;
    return this.toApp === "." ? plain : `${this.toApp}/${plain}`;
  }
}
