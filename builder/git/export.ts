import { chmod, lstat, lutimes, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Committed, Part } from "./committed.ts";
import { git } from "./run.ts";

/** What the user has set for the work tree of the repository, which is not this one. */
const PLAIN = ["core.sparseCheckout=false", "core.fsmonitor=false", "core.untrackedCache=false"].flatMap((set) => ["-c", set]);

/**
 * Writes the files of a commit into a new folder, as a checkout would: with its line ends and filters, such as Git LFS. The repository and its
 * work tree are not changed. Permissions and times are those of the commit, so that the same commit makes the same layers.
 *
 * @param folder does not exist yet; beside it, an index is written
 * @returns the folder of the context, and the Dockerfile
 */
export async function exportCommit(
  { commit, parts, context, dockerfile }: Committed,
  folder: string,
): Promise<{ readonly context: string; readonly dockerfile: string }> {
  await mkdir(join(folder, context), { recursive: true });
  for (const [at, part] of parts.entries()) await exportPart(part, folder, `${folder}.index-${at}`);
  const gitFolder = parts[0]?.gitFolder ?? folder;
  const time = Number(await git(gitFolder, ["show", "-s", "--format=%ct", commit]));
  await inOneForm(
    folder,
    parts.flatMap(({ prefix, paths }) => paths.map((path) => prefix + path)),
    time,
  );
  return { context: join(folder, context), dockerfile: join(folder, dockerfile) };
}

async function exportPart({ prefix, gitFolder, commit, paths }: Part, folder: string, index: string): Promise<void> {
  if (paths.length === 0) return;
  const workTree = join(folder, prefix);
  await mkdir(workTree, { recursive: true });
  const env = { GIT_INDEX_FILE: index, GIT_DIR: gitFolder, GIT_WORK_TREE: workTree };
  await git(workTree, [...PLAIN, "read-tree", commit], { env });
  // Attributes that decide a file are read from that index, as long as their file is not written yet.
  await git(workTree, [...PLAIN, "checkout-index", "--force", "--quiet", "-z", "--stdin"], { env, input: paths.join("\0") });
}

/** Without what the umask of this user adds or leaves out. */
async function inOneForm(root: string, paths: readonly string[], time: number): Promise<void> {
  const folders = new Set<string>([root]);
  for (const path of paths) {
    for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) folders.add(join(root, folder));
    const file = join(root, path);
    const found = await lstat(file);
    if (!found.isSymbolicLink()) await chmod(file, (found.mode & 0o100) === 0 ? 0o644 : 0o755);
    await lutimes(file, time, time);
  }
  for (const folder of folders) {
    await chmod(folder, 0o755);
    await lutimes(folder, time, time);
  }
}
