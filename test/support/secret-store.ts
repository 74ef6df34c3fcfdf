import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A store of secrets with a program of its own, which a source `command` runs. */
export class SecretStore implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(values: Readonly<Record<string, string>>): Promise<SecretStore> {
    const store = new SecretStore(await mkdtemp(join(tmpdir(), "slipway-store-")));
    await writeFile(store.program, `#!/bin/sh\necho "$*" >> '${store.#calls}'\nexec cat '${store.#values}'\n`);
    await chmod(store.program, 0o755);
    await store.rotate(values);
    return store;
  }

  /** Its program, which prints all values as JSON. */
  get program(): string {
    return join(this.#folder, "store");
  }

  /** Replaces all values. */
  async rotate(values: Readonly<Record<string, string>>): Promise<void> {
    await writeFile(this.#values, JSON.stringify(values));
  }

  /** How often it was asked. */
  async asked(): Promise<number> {
    return (await readFile(this.#calls, "utf8").catch(() => "")).split("\n").length - 1;
  }

  get #values(): string {
    return join(this.#folder, "values.json");
  }

  get #calls(): string {
    return join(this.#folder, "calls");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
