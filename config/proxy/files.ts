import { type App, PROXY_FOLDER, proxyFilesFolder } from "../../core/names.ts";
import type { ProxyFile, ProxyFiles } from "../../core/release/proxy-file.ts";
import { stableHash } from "../../core/values.ts";

const SHORT = 12;

/**
 * All files that the proxies of an app read. A folder is named by what is in it: other content is another path, so the proxy is
 * told of it, and the files of the release before stay as they were.
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
   * Takes in files that belong together.
   *
   * @param contents the same files as text. Of a private key the name shows a plain hash: it has more entropy than can be guessed
   * @returns the folder, as the proxy's container sees it
   */
  add(files: Readonly<Record<string, ProxyFile>>, contents: Readonly<Record<string, string>>): string {
    const folder = `${proxyFilesFolder(this.#app)}/${stableHash(contents).slice(0, SHORT)}`;
    this.#folders[folder] = files;
    return `${PROXY_FOLDER}/${folder}`;
  }

  /** Takes in files that anybody may read. */
  addTexts(texts: Readonly<Record<string, string>>): string {
    const files = Object.entries(texts).map(([name, text]) => [name, { from: "text", text }] as const);
    return this.add(Object.fromEntries(files), texts);
  }
}
