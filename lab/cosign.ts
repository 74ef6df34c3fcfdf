import { access, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Apt, type Suite } from "./apt.ts";
import { command } from "./command.ts";
import { hostArchitecture } from "./gobuild.ts";
import { alone } from "./lock.ts";
import { folder, timed } from "./state.ts";

/** Debian 13 has cosign 2, which keeps a signature under a tag; the next Debian has cosign 3, which keeps a bundle that refers to the image. */
export type CosignSuite = Extract<Suite, "trixie" | "forky">;

/** Path of Debian's cosign, fetched by apt and unpacked once per machine. Call it after `startLab`, not inside it: both take the lab's lock. */
export async function cosign(suite: CosignSuite): Promise<string> {
  const at = join(await folder("cosign"), `${suite}-${hostArchitecture()}`);
  const file = join(at, "usr/bin/cosign");
  const isThere = () =>
    access(file).then(
      () => true,
      () => false,
    );
  const install = async () => {
    if (await isThere()) return;
    const part = `${at}.part`;
    await rm(part, { recursive: true, force: true });
    await mkdir(part);
    // It needs libc alone, and the machine's own is recent enough.
    const archives = await (await Apt.of(suite)).download(["cosign"]);
    for (const archive of archives) await command(["dpkg-deb", "--extract", archive, part]);
    await rename(part, at); // a killed run leaves no half of it under the final name
  };
  if (!(await isThere())) await alone(() => timed(`unpack cosign of ${suite}`, install));
  return file;
}
