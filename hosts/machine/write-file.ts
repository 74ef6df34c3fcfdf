import type { Connection } from "../ssh/connection.ts";
import { run } from "../ssh/run.ts";

export interface WriteOptions {
  /** Permission bits: `0o600`. */
  readonly mode: number;
  /** `user` or `user:group`; needs root. Default: the login user. */
  readonly owner?: string;
  /** Prefix of the command, for a path where only root may write: `["sudo", "-n"]`. */
  readonly under?: readonly string[];
}

/**
 * $1 path, $2 mode, $3 owner or empty, $4 size. The mode is set before the first byte is written; the descriptor is open by then, so
 * that a read-only mode works, too. The size reveals a connection that was lost partway. The shell must survive that loss (SIGPIPE)
 * to delete its temp file.
 */
const SCRIPT = `
set -e
umask 077
temp=$(mktemp -- "$(dirname -- "$1")/.slipway.XXXXXXXX")
trap 'rm -f -- "$temp"' EXIT
trap 'exit 75' HUP INT PIPE TERM
exec 3> "$temp"
chmod -- "$2" "$temp"
if [ -n "$3" ]; then chown -- "$3" "$temp"; fi
cat >&3
exec 3>&-
[ "$(stat -c %s -- "$temp")" -eq "$4" ] || { echo "only part of the content arrived" >&2; exit 75; }
sync -- "$temp" 2>/dev/null || sync
mv -f -- "$temp" "$1"
`;

/** Writes the file completely or not at all: temp file beside it, mode, content, sync, rename. Content goes over stdin, never argv. */
export async function write(
  connection: Connection,
  path: string,
  content: string | Buffer,
  { mode, owner = "", under = [] }: WriteOptions,
): Promise<void> {
  const size = String(Buffer.byteLength(content));
  const argv = [...under, "sh", "-c", SCRIPT, "slipway-write", path, mode.toString(8).padStart(4, "0"), owner, size];
  const { code, stderr } = await run(connection, argv, { input: content });
  if (code !== 0) throw new Error(`${connection.host}: ${path} was not written: ${stderr.trim() || `exit code ${code}`}`);
}
