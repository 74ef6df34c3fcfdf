import { isEnvName } from "../schema/name.ts";
import type { ConfigPath } from "../schema/problem.ts";

/** The command that stores a value encrypted. */
export const setSecret = (path: string): string => `pulumi config set --secret --path 'slipway:${path}'`;

/** The values of `slipway:secrets`, looked up by name. */
export class Secrets {
  readonly #values: Readonly<Record<string, string>>;
  readonly #sealed: ReadonlySet<string>;

  /** @param sealed root keys that hold a Pulumi secret: what looks like a name below one may be a misplaced value, so it is not shown */
  constructor(values: Readonly<Record<string, string>>, sealed: ReadonlySet<string>) {
    this.#values = values;
    this.#sealed = sealed;
  }

  /** The value of `name`. A missing, blank or untrimmed value is refused at `place`: it would fail in the middle of a release. */
  lookUp(name: string, place: ConfigPath): string {
    if (!isEnvName(name)) place.refuse("should be the name of a secret: letters, digits and _");
    const value = this.has(name) ? this.#values[name] : undefined;
    const fault = isEnvName(name) ? faultOf(value) : undefined;
    if (fault)
      place.refuse(
        this.#sealed.has(place.root) ? `the secret named here ${fault}` : `${name} ${fault}: ${setSecret(`secrets.${name}`)}`,
      );
    return value ?? "";
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#values, name);
  }
}

/** What is wrong with a secret, without showing it. */
export function faultOf(value: string | undefined): string | undefined {
  if (value === undefined) return "is not set";
  const core = value.trim();
  if (core === "") return "is blank";
  const isBlock = core.includes("\n");
  if (core !== value && !isBlock)
    return `has ${value.endsWith("\n") ? "a trailing line break" : "leading or trailing whitespace"}: set it again without`;
  return undefined;
}

/** Refuses names that no `env` could use, and plain text: anyone could read it in the repository and in the state. */
export function resolveSecrets(
  values: Readonly<Record<string, string>>,
  sealed: ReadonlySet<string>,
  place: ConfigPath,
): Secrets {
  for (const name of Object.keys(values)) {
    if (!isEnvName(name)) place.at(name).refuse("is not a valid name of a secret: use letters, digits and _");
    else if (!sealed.has("secrets")) place.at(name).refuse(plainText(`secrets.${name}`));
  }
  return new Secrets(values, sealed);
}

export const plainText = (path: string): string => `is in plain text; store it encrypted: ${setSecret(path)}`;
