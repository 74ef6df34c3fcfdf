import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { PlainScalar } from "../../core/plain-scalar.ts";
import { quoted } from "./name.ts";

export type Key = string | number;

/** What is wrong at one place of a config. */
export interface Problem {
  readonly path: readonly Key[];
  readonly message: string;
}

const PLAIN_KEY = /^[A-Za-z_][\w-]*$/;

/** A path as Pulumi writes it: `slipway:servers.web.hosts[1]`, `slipway:ssh.host_keys["203.0.113.10"]`. */
export const pathText = (path: readonly Key[]): string => `slipway:${textOf(path)}`;

function textOf([root, ...rest]: readonly Key[]): string {
  const steps = rest.map((key) => (typeof key === "number" ? `[${key}]` : PLAIN_KEY.test(key) ? `.${key}` : `[${quoted(key)}]`));
  const first = String(root ?? "");
  return `${PLAIN_KEY.test(first) || first === "" ? first : quoted(first)}${steps.join("")}`;
}

/** The file that a config was read from. */
export interface Source {
  /** Its scalars without quotes. */
  readonly scalars: readonly PlainScalar[];
  /** Root keys below which no value is shown. */
  readonly hidden: ReadonlySet<string>;
  /** Of a program's arguments: how it writes a key. Default: it is a file. */
  readonly names?: ReadonlyMap<string, string> | undefined;
  /** Of a program's arguments: their place in a config, which errors leave out. Default: the root. */
  readonly within?: readonly Key[] | undefined;
}

/** Everything that is wrong with a config: collected while it is read, reported together. */
export class Problems {
  readonly #found = new Map<string, Problem>();
  readonly #values = new Map<string, PlainScalar>();
  readonly #keys = new Map<string, PlainScalar[]>();
  readonly #hidden: ReadonlySet<string>;
  readonly #names: ReadonlyMap<string, string> | undefined;
  readonly #within: readonly Key[];

  /** @param source absent: unknown, so that a value is taken for what was written */
  constructor({ scalars, hidden, names, within = [] }: Source = { scalars: [], hidden: new Set() }) {
    this.#hidden = hidden;
    this.#names = names;
    this.#within = within;
    for (const scalar of scalars) {
      if (scalar.kind === "value") this.#values.set(pathText(scalar.path), scalar);
      else {
        const map = pathText(scalar.path.slice(0, -1));
        this.#keys.set(map, [...(this.#keys.get(map) ?? []), scalar]);
      }
    }
  }

  /** The scalar without quotes that the file has at this path. */
  plainAt(path: readonly Key[]): PlainScalar | undefined {
    return this.#values.get(pathText(path));
  }

  /** The keys without quotes of the map at this path. */
  plainKeysOf(path: readonly Key[]): readonly PlainScalar[] {
    return this.#keys.get(pathText(path)) ?? [];
  }

  /** Whether values below this path may be secret. */
  hides([root]: readonly Key[]): boolean {
    return this.#hidden.has(String(root));
  }

  /** A path in the config, to report what is wrong there. */
  at(...path: Key[]): ConfigPath {
    return new ConfigPath(this, path);
  }

  add(path: readonly Key[], message: string): void {
    this.#found.set(`${pathText(path)}\n${message}`, { path, message });
  }

  get none(): boolean {
    return this.#found.size === 0;
  }

  get all(): readonly Problem[] {
    return [...this.#found.values()];
  }

  /**
   * Problems as one error.
   *
   * @param file where the user edits it: `stacks/Pulumi.production.yaml`
   * @param order the root keys, in the order of the report
   * @param some Default: all that were found.
   */
  error(file: string, order: readonly string[], some: readonly Problem[] = this.all): SlipwayError {
    const rank = ({ path: [root] }: Problem) => order.indexOf(String(root)) >>> 0;
    const lines = [...some]
      .sort((a, b) => rank(a) - rank(b))
      .map(({ path, message }) => ({ path: this.#written(path), message }));
    const width = Math.max(...lines.map(({ path }) => path.length)) + 3;
    const heading = `${file}: ${lines.length} ${lines.length === 1 ? "problem" : "problems"}`;
    return new SlipwayError({
      code: "CONFIG_INVALID",
      what: [heading, ...lines.map(({ path, message }) => `  ${path.padEnd(width)}${message}`)].join("\n"),
      servesNow: NOTHING_TOUCHED,
      next: `correct ${file}, then run pulumi preview again`,
    });
  }

  /** As the user has written it. */
  #written(path: readonly Key[]): string {
    const names = this.#names;
    return names === undefined ? pathText(path) : textOf(this.#own(path).map((key) => names.get(String(key)) ?? key));
  }

  /** What is wrong with the whole of the arguments is wrong with what has them, which its name says. */
  #own(path: readonly Key[]): readonly Key[] {
    const within = this.#within;
    if (within.length === 0 || !within.every((key, at) => path[at] === key)) return path;
    return path.length === within.length ? ["name"] : path.slice(within.length);
  }
}

/** A path in the config, passed to the code that reads the value there. */
export class ConfigPath {
  readonly path: readonly Key[];
  readonly #problems: Problems;

  constructor(problems: Problems, path: readonly Key[]) {
    this.#problems = problems;
    this.path = path;
  }

  /** Its root key: `registry`. */
  get root(): string {
    return String(this.path[0] ?? "");
  }

  at(...keys: Key[]): ConfigPath {
    return new ConfigPath(this.#problems, [...this.path, ...keys]);
  }

  /** A path from the root of the same config. */
  elsewhere(...path: Key[]): ConfigPath {
    return new ConfigPath(this.#problems, path);
  }

  /** What the file has here without quotes. */
  get plain(): PlainScalar | undefined {
    return this.#problems.plainAt(this.path);
  }

  /** The keys without quotes of the map here. */
  get plainKeys(): readonly PlainScalar[] {
    return this.#problems.plainKeysOf(this.path);
  }

  /** Whether what the file has here may be part of a secret. */
  get isHidden(): boolean {
    return this.#problems.hides(this.path);
  }

  /** @param message what is wrong, without the path; never a value that may be secret */
  refuse(message: string): void {
    this.#problems.add(this.path, message);
  }
}
