import { SlipwayError } from "../../core/error.ts";
import type { ArchiveEntry, Owner } from "../docker/archive.ts";
import type { Docker } from "../docker/docker.ts";
import { KAMAL_PROXY } from "./names.ts";

const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

/**
 * Files for the proxy (certificates, error pages) in its config volume. The proxy reads them when a route is deployed and again at each
 * start. If it cannot read one at a start, it loses every route, so a folder must stay as long as a route uses it.
 */
export class KamalProxyFiles {
  readonly #host: string;
  readonly #docker: Docker;

  constructor(host: string, docker: Docker) {
    this.#host = host;
    this.#docker = docker;
  }

  /** Writes the files unless they exist with this content, then reads them back. */
  async place(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
    if (await this.#holds(folder, files)) return;
    await this.#docker.writeFiles(KAMAL_PROXY.container, KAMAL_PROXY.configFolder, entriesOf(folder, files, await this.#owner()));
    if (await this.#holds(folder, files)) return;
    throw new SlipwayError({
      code: "PROXY_FILES_FAILED",
      what: `${folder} was not completely written to the volume of kamal-proxy`,
      host: this.#host,
      servesNow: "what served before; no route uses these files",
      next: "check the free disk space of the host, then run pulumi up again",
    });
  }

  /** Names of the folders directly below `parent`. */
  async folders(parent: string): Promise<string[]> {
    const found = (await this.#docker.readFolder(KAMAL_PROXY.container, pathOf(parent))) ?? [];
    return found.flatMap(({ kind, path }) => {
      const [, name, ...deeper] = path.split("/");
      return kind === "folder" && name !== undefined && deeper.length === 0 ? [name] : [];
    });
  }

  /**
   * Removes a folder and everything in it. Docker can only write into a container, and an image without a shell cannot delete
   * anything itself. So an empty file replaces the folder, which Docker documents to remove its content. The file stays.
   */
  async remove(folder: string): Promise<void> {
    const parent = folder.split("/").slice(0, -1).join("/");
    const name = folder.slice(parent.length).replace(/^\//, "");
    if (!(await this.folders(parent)).includes(name)) return;
    const file: ArchiveEntry = {
      kind: "file",
      path: folder,
      mode: PRIVATE_FILE,
      content: Buffer.alloc(0),
      ...(await this.#owner()),
    };
    await this.#docker.writeFiles(KAMAL_PROXY.container, KAMAL_PROXY.configFolder, [file]);
  }

  async #holds(folder: string, files: Readonly<Record<string, string>>): Promise<boolean> {
    const found = (await this.#docker.readFolder(KAMAL_PROXY.container, pathOf(folder))) ?? [];
    return Object.entries(files).every(([name, content]) => {
      const file = found.find(({ path }) => path.split("/").slice(1).join("/") === name);
      return file?.kind === "file" && file.mode === PRIVATE_FILE && file.content.equals(Buffer.from(content));
    });
  }

  /** The proxy runs as the owner of the folder of its state file, in any image; as root it can read everything anyway. */
  async #owner(): Promise<Owner> {
    const owner = await this.#docker.ownerOf(KAMAL_PROXY.container, KAMAL_PROXY.configFolder);
    if (owner !== undefined) return owner;
    throw new SlipwayError({
      code: "PROXY_FILES_FAILED",
      what: `kamal-proxy has no folder ${KAMAL_PROXY.configFolder} for files`,
      host: this.#host,
      servesNow: "what served before; nothing was changed",
      next: "run pulumi up with the proxy of this host in the config",
    });
  }
}

const pathOf = (folder: string): string => `${KAMAL_PROXY.configFolder}/${folder}`.replace(/\/$/, "");

/** The folder and its parents, then its files. */
function entriesOf(folder: string, files: Readonly<Record<string, string>>, owner: Owner): ArchiveEntry[] {
  const steps = folder.split("/");
  const folders = steps.map((_, index) => steps.slice(0, index + 1).join("/"));
  return [
    ...folders.map((path): ArchiveEntry => ({ kind: "folder", path, mode: PRIVATE_FOLDER, ...owner })),
    ...Object.entries(files).map(
      ([name, content]): ArchiveEntry => ({
        kind: "file",
        path: `${folder}/${name}`,
        mode: PRIVATE_FILE,
        content: Buffer.from(content),
        ...owner,
      }),
    ),
  ];
}
