import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { command } from "../command.ts";
import { hostArchitecture } from "../gobuild.ts";
import { type SigningKey, signed } from "./keys.ts";

/** What an archive calls itself. */
export interface ArchiveName {
  readonly origin: string;
  readonly suite: string;
  readonly component: string;
}

/** Makes the folder, whose `pool` has the packages, an archive that apt reads and trusts by the key. */
export async function indexArchive(root: string, { origin, suite, component }: ArchiveName, key: SigningKey): Promise<void> {
  const files = (await readdir(join(root, "pool"))).filter((file) => file.endsWith(".deb")).sort();
  const entries = await Promise.all(files.map((file) => entryOf(root, `pool/${file}`)));
  const packages = entries.join("\n");
  const index = `${component}/binary-${hostArchitecture()}/Packages`;
  const release = [
    `Origin: ${origin}`,
    `Label: ${origin}`,
    `Suite: ${suite}`,
    `Codename: ${suite}`,
    `Date: ${new Date().toUTCString().replace("GMT", "UTC")}`,
    `Architectures: ${hostArchitecture()}`,
    `Components: ${component}`,
    "SHA256:",
    ` ${createHash("sha256").update(packages).digest("hex")} ${Buffer.byteLength(packages)} ${index}`,
    "",
  ].join("\n");
  const at = join(root, "dists", suite);
  await mkdir(join(at, component, `binary-${hostArchitecture()}`), { recursive: true });
  await writeFile(join(at, index), packages);
  await writeFile(join(at, "InRelease"), await signed(key, release));
}

async function entryOf(root: string, file: string): Promise<string> {
  const path = join(root, file);
  const control = (await command(["dpkg-deb", "--field", path])).trimEnd();
  const { size } = await stat(path);
  return `${control}\nFilename: ${file}\nSize: ${size}\nSHA256: ${await sha256(path)}\n`;
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
}
