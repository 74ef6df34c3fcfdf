import { posix } from "node:path";
import type { Directory } from "../../core/accessory/directory.ts";
import type { AccessoryFile } from "../../core/accessory/file.ts";
import { messageOf, SlipwayError } from "../../core/error.ts";
import { fillTemplate } from "../../core/template.ts";
import type { ArchiveEntry, Host } from "../../hosts/index.ts";
import { environmentOf } from "./container.ts";
import type { AccessoryInputs } from "./inputs.ts";
import { type Accounts, type Numbers, ownerOf, ROOT } from "./owner.ts";

/** Copies the declared files into a container that is not started yet, and sets owner and mode of its folders. */
export async function copyFiles(inputs: AccessoryInputs, id: string, host: Host, servesNow: string): Promise<void> {
  const folders = inputs.directories.filter(({ mode, owner }) => mode !== undefined || owner !== undefined);
  if (inputs.files.length + folders.length === 0) return;
  const isNamed = [...inputs.files, ...folders].some(({ owner }) => owner !== undefined);
  const accounts = isNamed ? await readAccounts(host, id) : { passwd: "", group: "" };
  const owned = (what: Pick<AccessoryFile, "owner">, path: string): Numbers =>
    what.owner === undefined ? ROOT : (ownerOf(what.owner, accounts) ?? noSuchOwner(inputs, path, what.owner, host, servesNow));
  // Through the parent: an archive copied into a folder does not change the folder itself.
  for (const folder of folders)
    await host.docker.writeFiles(id, posix.dirname(folder.target), [
      folderEntry(folder, posix.basename(folder.target), owned(folder, folder.target)),
    ]);
  if (inputs.files.length === 0) return;
  const values = environmentOf(inputs);
  const entries = inputs.files.map((file) => fileEntry(file, values, owned(file, file.path), inputs, host, servesNow));
  await host.docker.writeFiles(id, "/", entries);
}

async function readAccounts({ docker }: Host, id: string): Promise<Accounts> {
  const [passwd, group] = await Promise.all([docker.readFile(id, "/etc/passwd"), docker.readFile(id, "/etc/group")]);
  return { passwd: passwd?.toString("utf8") ?? "", group: group?.toString("utf8") ?? "" };
}

const DEFAULT_FOLDER_MODE = 0o755;

const folderEntry = ({ mode = DEFAULT_FOLDER_MODE }: Directory, path: string, owner: Numbers): ArchiveEntry => ({
  kind: "folder",
  path,
  mode,
  ...owner,
});

function fileEntry(
  file: AccessoryFile,
  values: Readonly<Record<string, string>>,
  owner: Numbers,
  { accessory }: AccessoryInputs,
  host: Host,
  servesNow: string,
): ArchiveEntry {
  const { path, mode } = file;
  try {
    return { path: path.replace(/^\/+/, ""), mode, ...owner, kind: "file", content: contentOf(file, values) };
  } catch (thrown) {
    throw new SlipwayError({
      code: "ACCESSORY_FILES_FAILED",
      what: `the file ${path} of ${accessory} has a placeholder for a value that is ${messageOf(thrown)}`,
      host: host.name,
      servesNow,
      next: `add it to slipway:accessories.${accessory}.env, or write $\${ for a literal \${`,
    });
  }
}

/** The content of the file, with placeholders filled in. */
export function contentOf({ content, encoding, template }: AccessoryFile, values: Readonly<Record<string, string>>): Buffer {
  return template ? Buffer.from(fillTemplate(content, values), "utf8") : Buffer.from(content, encoding);
}

function noSuchOwner({ accessory }: AccessoryInputs, path: string, owner: string, host: Host, servesNow: string): never {
  throw new SlipwayError({
    code: "ACCESSORY_FILES_FAILED",
    what: `the image of ${accessory} has no account for the owner ${owner} of ${path}`,
    host: host.name,
    servesNow,
    next: "use an owner from the image's /etc/passwd and /etc/group, or numeric ids",
  });
}
