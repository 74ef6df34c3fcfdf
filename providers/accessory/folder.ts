import { posix } from "node:path";
import type { Mount } from "../../core/container/mount.ts";
import { SlipwayError } from "../../core/error.ts";
import type { Host } from "../../hosts/index.ts";
import type { AccessoryInputs } from "./inputs.ts";

/** Whether any directory is in the accessory's own folder. */
export const needsFolder = ({ directories }: AccessoryInputs): boolean =>
  directories.some(({ source }) => !posix.isAbsolute(source));

/** The folder for an accessory's directories, as with Kamal: below the home of the SSH user. */
export async function findFolder({ container, accessory }: AccessoryInputs, host: Host): Promise<string> {
  const { code, stdout, stderr } = await host.run(["sh", "-c", "cd && pwd"]);
  const home = stdout.trim();
  if (code === 0 && posix.isAbsolute(home)) return posix.join(home, container);
  throw new SlipwayError({
    code: "ACCESSORY_FILES_FAILED",
    what: `the home of ${host.address.user}, which holds the directories of ${accessory}, was not found`,
    host: host.name,
    evidence: [stderr.trim() || `exit code ${code}`],
    servesNow: "what served before; nothing was changed",
    next: `use absolute paths for the directories, or give ${host.address.user} a home on ${host.name}`,
  });
}

/** Creates folders below our own as the SSH user, as Kamal does; Docker creates other missing folders. */
export async function makeFolders(folder: string, mounts: readonly Mount[], host: Host): Promise<void> {
  const own = mounts.map(({ source }) => source).filter((source) => source.startsWith(`${folder}/`));
  if (own.length === 0) return;
  const { code, stderr } = await host.change("create folders", () => host.run(["mkdir", "-p", "--", ...own]));
  if (code !== 0) throw new Error(`${own.join(", ")} could not be created: ${stderr.trim()}`);
}
