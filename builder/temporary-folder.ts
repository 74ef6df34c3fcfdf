import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";

/** A folder that is removed when `using` ends. */
export class TemporaryFolder implements AsyncDisposable {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  static async in(folder: string): Promise<TemporaryFolder> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return new TemporaryFolder(await mkdtemp(join(folder, "slipway-")));
  }

  file(name: string): string {
    return join(this.#path, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#path, { recursive: true, force: true });
  }
}
