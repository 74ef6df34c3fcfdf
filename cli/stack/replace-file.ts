import { randomBytes } from "node:crypto";
import { chown, open, rename, rm, stat } from "node:fs/promises";

/** Replaces a file atomically. Its mode and its owner stay. */
export async function replaceFile(file: string, content: string | Buffer): Promise<void> {
  const { mode, uid, gid } = await stat(file);
  await putFile(file, content, mode, async (draft) => {
    // Only root may give a file to a different user.
    await chown(draft, uid, gid).catch(() => {});
  });
}

/** Writes a file that is complete or absent, whenever this process dies; the draft is never written over a file or a link. */
export async function putFile(
  file: string,
  content: string | Buffer,
  mode: number,
  finish: (draft: string) => Promise<void> = async () => {},
): Promise<void> {
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    const handle = await open(draft, "wx", 0o600);
    try {
      await handle.writeFile(content);
      await handle.chmod(mode);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await finish(draft);
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}
