import { createHash } from "node:crypto";
import { closeSync, openSync, readlinkSync, readSync, type Stats } from "node:fs";
import type { Bytes } from "../../core/words.ts";

const AT_ONCE: Bytes = 1024 * 1024;

/** What decides a file of a context: its kind, its permissions, and a hash of its content. `undefined`: BuildKit does not send it. */
export function entryAt(path: string, found: Stats): string | undefined {
  if (found.isSymbolicLink()) return `link ${readlinkSync(path)}`;
  if (found.isDirectory()) return `folder ${modeOf(found)}`;
  return found.isFile() ? `file ${modeOf(found)} ${hashOf(path)}` : undefined;
}

/** Without the permission to write for others than the owner: it follows the umask of the user who checked the project out. */
const modeOf = ({ mode }: Stats): string => (mode & 0o7755).toString(8);

/** A file may be larger than what memory takes. */
function hashOf(path: string): string {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(AT_ONCE);
  const file = openSync(path, "r");
  try {
    for (let read = readSync(file, buffer); read > 0; read = readSync(file, buffer)) hash.update(buffer.subarray(0, read));
  } finally {
    closeSync(file);
  }
  return hash.digest("hex");
}
