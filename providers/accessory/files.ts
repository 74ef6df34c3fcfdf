import { posix } from "node:path";
import type { Directory } from "../../core/accessory/directory.ts";
import type { AccessoryFile } from "../../core/accessory/file.ts";
import { messageOf, SlipwayError } from "../../core/error.ts";
import { fillTemplate } from "../../core/template.ts";
import type { ArchiveEntry, Host } from "../../hosts/index.ts";
import { environmentOf } from "./container.ts";
import type { AccessoryInputs } from "./inputs.ts";
import { type Accounts, type Numbers, ownerOf, ROOT } from "./owner.ts";

/** Puts the declared files into a container that was made and is not started, and gives its folders their owners and modes. */
export async function furnish(inputs: AccessoryInputs, id: string, host: Host, servesNow: string): Promise<void> {
  const folders = inputs.directories.filter(({ mode, owner }) => mode !== undefined || owner !== undefined);
  if (inputs.files.length + folders.length === 0) return;
  const isNamed = [...inputs.files, ...folders].some(({ owner }) => owner !== undefined);
  const accounts = isNamed ? await readAccounts(host, id) : { passwd: "", group: "" };
  const owned = (what: Pick<AccessoryFile, "owner">, path: string): Numbers =>
    what.owner === undefined ? ROOT : (ownerOf(what.owner, accounts) ?? noSuchOwner(inputs, path, what.owner, host, servesNow));
  // Through the parent: Docker leaves the folder itself alone when an archive is put into it.
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

const USUAL_FOLDER = 0o755;

const folderEntry = ({ mode = USUAL_FOLDER }: Directory, path: string, owner: Numbers): ArchiveEntry => ({
  ...{ path, mode, ...owner },
  kind: "folder",
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
      what: `the file ${path} of ${accessory} has a placeholder for what is ${messageOf(thrown)}`,
      host: host.name,
      servesNow,
      next: `add it to slipway:accessories.${accessory}.env, or write $\${ for a literal \${`,
    });
  }
}

/** What is in the file in the end. */
export function contentOf({ content, encoding, template }: AccessoryFile, values: Readonly<Record<string, string>>): Buffer {
  return template ? Buffer.from(fillTemplate(content, values), "utf8") : Buffer.from(content, encoding);
}

function noSuchOwner({ accessory }: AccessoryInputs, path: string, owner: string, host: Host, servesNow: string): never {
  throw new SlipwayError({
    what: `the image of ${accessory} has no account for the owner ${owner} of ${path}`,
    host: host.name,
    servesNow,
    next: "write an owner that is in the image's /etc/passwd and /etc/group, or its numbers",
  });
}
