import { isEnvName } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";
import { type Answer, type Answers, NO_ANSWERS } from "./answers.ts";
import { labelOf, type SecretSource } from "./source.ts";

/** The command that stores a value encrypted. */
export const setSecret = (path: string): string => `pulumi config set --secret --path 'slipway:${path}'`;

/** What a value is for: it decides what runs on hosts, is in the inputs of a build alone, or is a login, which is in no secret of the app. */
export type Purpose = "runs" | "build" | "login";

/** A name that the config uses, and that `slipway:secrets` does not have. */
export interface WantedSecret {
  readonly name: string;
  /** Whether another value changes what runs. */
  readonly decides: boolean;
}

/** Where values are, in the order of precedence. */
export interface Stored {
  /** `slipway:secrets`. */
  readonly own: Readonly<Record<string, string>>;
  /** `slipway:secrets_from`; `undefined`: one that was refused. */
  readonly sources?: readonly (SecretSource | undefined)[];
  /** What they answered. Default: they were not asked. */
  readonly answers?: Answers | undefined;
}

/** The values of secrets, looked up by name. */
export class Secrets {
  readonly #own: Readonly<Record<string, string>>;
  readonly #sources: readonly (SecretSource | undefined)[];
  readonly #answers: Answers;
  readonly #sealed: ReadonlySet<string>;
  readonly #wanted = new Map<string, Set<Purpose>>();

  /** @param sealed root keys that hold a Pulumi secret: what looks like a name below one may be a misplaced value, so it is not shown */
  constructor({ own, sources = [], answers = NO_ANSWERS }: Stored, sealed: ReadonlySet<string>) {
    this.#own = own;
    this.#sources = sources;
    this.#answers = answers;
    this.#sealed = sealed;
  }

  /** The value of `name`. A missing, blank or untrimmed value is refused at `place`: it would fail in the middle of a release. */
  lookUp(name: string, place: ConfigPath, purpose: Purpose = "runs"): string {
    if (!isEnvName(name)) {
      place.refuse("should be the name of a secret: letters, digits and _");
      return "";
    }
    if (Object.hasOwn(this.#own, name)) {
      const value = this.#own[name] ?? "";
      const fault = faultOf(value, "set it again without");
      if (fault !== undefined) this.#refuse(`${name} ${fault}: ${setSecret(`secrets.${name}`)}`, fault, place);
      return value;
    }
    this.#wanted.set(name, (this.#wanted.get(name) ?? new Set()).add(purpose));
    const answer = this.#answered(name);
    if (answer === undefined) this.#refuseMissing(name, place);
    const fault = answer && faultOf(answer.value, "correct it there");
    if (answer !== undefined && fault !== undefined) this.#refuse(`${name} from ${this.#labelOf(answer)} ${fault}`, fault, place);
    return answer?.value ?? "";
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#own, name) || this.#answered(name) !== undefined;
  }

  /** Whether a source has to have the value of a name. */
  isOfSource(name: string): boolean {
    return this.#sources.length > 0 && !Object.hasOwn(this.#own, name);
  }

  /** The names that sources have to have, as far as they were looked up. */
  get wanted(): readonly WantedSecret[] {
    return [...this.#wanted].map(([name, purposes]) => ({ name, decides: purposes.has("runs") }));
  }

  /** The values that the config uses of sources. Those of logins are where they are used: they need not be in a state. */
  get fromSources(): Readonly<Record<string, string>> {
    const found = [...this.#wanted].flatMap(([name, purposes]) => {
      const answer = this.#answered(name);
      return answer === undefined || (purposes.size === 1 && purposes.has("login")) ? [] : [[name, answer.value] as const];
    });
    return Object.fromEntries(found);
  }

  #answered(name: string): Answer | undefined {
    return Object.hasOwn(this.#answers.values, name) ? this.#answers.values[name] : undefined;
  }

  /** A source that could not be asked may have it: then that is the problem. */
  #refuseMissing(name: string, place: ConfigPath): void {
    if (this.#answers.faults.length > 0) return;
    const hint = Object.hasOwn(this.#answers.hints, name) ? this.#answers.hints[name] : undefined;
    const labels = this.#sources.flatMap((source) => (source === undefined ? [] : labelOf(source)));
    const where = labels.length === 0 ? "" : ` and is not in ${labels.join(" or ")}${hint === undefined ? "" : ` (${hint})`}`;
    const missing = `is not set${where}`;
    this.#refuse(`${name} ${missing}: ${setSecret(`secrets.${name}`)}`, missing, place);
  }

  #refuse(message: string, fault: string, place: ConfigPath): void {
    place.refuse(this.#sealed.has(place.root) ? `the secret named here ${fault}` : message);
  }

  #labelOf({ source }: Answer): string {
    const found = this.#sources[source];
    return found === undefined ? "slipway:secrets_from" : labelOf(found);
  }
}

/** What is wrong with a secret, without showing it. */
export function faultOf(value: string, correction = "set it again without"): string | undefined {
  const core = value.trim();
  if (core === "") return "is blank";
  const isBlock = core.includes("\n");
  if (core !== value && !isBlock)
    return `has ${value.endsWith("\n") ? "a trailing line break" : "leading or trailing whitespace"}: ${correction}`;
  return undefined;
}

/** Refuses names that no `env` could use, and plain text: anyone could read it in the repository and in the state. */
export function resolveSecrets(stored: Stored, sealed: ReadonlySet<string>, place: ConfigPath): Secrets {
  for (const name of Object.keys(stored.own)) {
    if (!isEnvName(name)) place.at(name).refuse("is not a valid name of a secret: use letters, digits and _");
    else if (!sealed.has("secrets")) place.at(name).refuse(plainText(`secrets.${name}`));
  }
  return new Secrets(stored, sealed);
}

export const plainText = (path: string): string => `is in plain text; store it encrypted: ${setSecret(path)}`;
