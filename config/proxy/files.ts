import { type App, PROXY_FOLDER, proxyFilesFolder } from "../../core/names.ts";
import type { ProxyFile, ProxyFiles } from "../../core/release/proxy-file.ts";
import { stableHash } from "../../core/values.ts";

const SHORT = 12;

/**
 * All files that the proxies of an app read. A folder is named after its content: changed content gets a new path, which reaches the
 * proxy through its routes, and the files of the previous release stay unchanged.
 */
export class ProxyFileBook {
  readonly #app: App;
  readonly #folders: Record<string, Readonly<Record<string, ProxyFile>>> = {};

  constructor(app: App) {
    this.#app = app;
  }

  get all(): ProxyFiles {
    return this.#folders;
  }

  /**
   * Adds files that belong together.
   *
   * @param contents the same files as text. Their plain hash is public, which is safe even for a private key: its entropy is too high to guess it
   * @returns the folder, as the proxy's container sees it
   */
  add(files: Readonly<Record<string, ProxyFile>>, contents: Readonly<Record<string, string>>): string {
    const folder = `${proxyFilesFolder(this.#app)}/${stableHash(contents).slice(0, SHORT)}`;
    this.#folders[folder] = files;
    return `${PROXY_FOLDER}/${folder}`;
  }

  /** Adds public files. */
  addTexts(texts: Readonly<Record<string, string>>): string {
    const files = Object.entries(texts).map(([name, text]) => [name, { from: "text", text }] as const);
    return this.add(Object.fromEntries(files), texts);
  }
}
