import type * as pulumi from "@pulumi/pulumi";

/** The secrets of an app, by name: those that it names itself, and those that its environments have as values. */
export class SecretBook {
  readonly #values: Record<string, pulumi.Input<string>>;

  constructor(given: Readonly<Record<string, pulumi.Input<string>>> = {}) {
    this.#values = { ...given };
  }

  get values(): Readonly<Record<string, pulumi.Input<string>>> {
    return this.#values;
  }

  /**
   * Keeps a value.
   *
   * @param path decides its name: equal programs give equal names, which the state and the spec of a container have
   * @returns what an environment's `secret` says: `DATABASE_URL:env_DATABASE_URL`
   */
  keep(variable: string, path: string, value: unknown): string {
    const name = this.#free(path.replace(/\W/g, "_"));
    this.#values[name] = value as pulumi.Input<string>;
    return `${variable}:${name}`;
  }

  #free(name: string): string {
    return Object.hasOwn(this.#values, name) ? this.#free(`${name}_`) : name;
  }
}
