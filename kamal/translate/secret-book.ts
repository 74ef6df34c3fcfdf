import type { Secret } from "../files/secrets-file.ts";
import { type Place, placeText } from "../source/place.ts";

/** A secret that the stack needs and that no file of Kamal has, and where its value is today. */
export interface NeededSecret {
  readonly name: string;
  /** A command of this machine that prints the value; `undefined`: the value is known by a place only. */
  readonly print: string | undefined;
  /** Where the value is: `in config/deploy.yml:12`. */
  readonly from: string;
}

/** Secrets that a run can read in Kamal's own files. */
export interface SecretsInFiles {
  readonly names: readonly string[];
  /** Those that have any name, in the order of Kamal: a later one takes precedence. */
  readonly files: readonly string[];
}

/** A value that Kamal's config has in clear text, and that is a secret here. */
export interface ClearValue {
  readonly value: string;
  readonly at: Place;
  /** The variable of the environment that it is, without any text around. */
  readonly variable: string | undefined;
  /** Whether it is the value, and not a placeholder for one that is unknown. */
  readonly isKnown: boolean;
  /** Whether a variable of the environment is in it. */
  readonly isOfEnvironment: boolean;
}

/** The secrets of a stack, by name. */
export class SecretBook {
  readonly #known: ReadonlyMap<string, Secret>;
  readonly #needed = new Map<string, NeededSecret>();
  readonly #inFiles = new Set<string>();
  /** Name → the value in clear text, to find two values of one name. */
  readonly #clear = new Map<string, string>();

  /** Whether one of the values is from the environment. */
  readsEnvironment = false;
  readonly #values = new Map<string, string>();

  constructor(secrets: readonly Secret[]) {
    this.#known = new Map(secrets.map((secret) => [secret.name, secret]));
  }

  /** A secret that the config names. */
  need(name: string): void {
    const known = this.#known.get(name);
    if (this.#clear.has(name) || this.#needed.has(name)) return;
    if (known !== undefined && known.source.kind !== "empty") this.#inFiles.add(name);
    else
      this.#needed.set(name, {
        name,
        print: undefined,
        from: known === undefined ? "not in Kamal's files of secrets" : `${placeText(known.at)}, where it is empty`,
      });
  }

  /**
   * A value of the config that becomes a secret.
   *
   * @param scope distinguishes two values of one name: `db`
   * @returns the name of the secret
   */
  move(name: string, scope: string, { value, at, variable, isKnown, isOfEnvironment }: ClearValue): string {
    const plain = /^[A-Za-z_]\w*$/.test(name) ? name : name.replace(/\W/g, "_").replace(/^(?=\d)/, "_");
    const isTaken = this.#clear.has(plain) ? this.#clear.get(plain) !== value : this.#known.has(plain) || this.#needed.has(plain);
    const own = isTaken ? `${scope.replace(/\W/g, "_").toUpperCase()}_${plain}` : plain;
    this.#clear.set(own, value);
    if (isKnown) this.#values.set(own, value);
    this.readsEnvironment ||= isOfEnvironment;
    const print = variable === undefined ? undefined : `printenv ${variable}`;
    this.#needed.set(own, { name: own, print, from: `in ${placeText(at)}` });
    return own;
  }

  get inFiles(): SecretsInFiles {
    const files = [...this.#known.values()].map(({ at }) => at.file);
    return { names: [...this.#inFiles].sort(), files: this.#inFiles.size === 0 ? [] : [...new Set(files)] };
  }

  /** Of those that were in clear text. */
  get values(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#values);
  }

  get needed(): readonly NeededSecret[] {
    return [...this.#needed.values()];
  }
}
