import type { Deadline } from "../../core/deadline.ts";
import { type ContainerFolder, contentOf } from "../docker/archive.ts";
import type { Docker } from "../docker/docker.ts";
import type { Connection } from "../ssh/connection.ts";
import { run } from "../ssh/run.ts";

/**
 * $1 from, $2 to, in the form of `docker cp`. Existing files are taken out of the copy: Docker would delete and rewrite each of them,
 * and a reader would find it missing meanwhile. Only GNU tar can delete files from an archive; without it, or without a docker
 * command, nothing is copied: exit code 127.
 */
const SCRIPT = `
set -e
command -v docker >/dev/null && tar --version 2>/dev/null | grep -q GNU || exit 127
export LC_ALL=C
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
docker cp "$1" - >new
docker cp "$2/." - >old
for archive in new old; do
  tar -tf "$archive" --quoting-style=literal >"$archive.all"
  sed '/\\/$/d' "$archive.all" | sort >"$archive.names"
done
comm -12 new.names old.names >both
[ -s both ] && tar -f new --delete --verbatim-files-from --no-wildcards -T both
docker cp - "$2" <new >/dev/null
`;
const TOOLS_MISSING = 127;

/** Copies the missing files on the host itself; through this process only if the host lacks the tools. */
export async function addMissing(
  connection: Connection,
  docker: Docker,
  from: ContainerFolder,
  to: ContainerFolder,
  deadline: Deadline,
): Promise<void> {
  const ends = [`${from.container}:${contentOf(from)}`, `${to.container}:${to.path.replace(/\/+$/, "")}`];
  // Without a limit, a copy whose connection is lost could hold Docker's locks on both containers forever.
  const limit = String(Math.max(1, Math.ceil(deadline.remaining / 1000)));
  const { code, stderr } = await run(connection, ["timeout", limit, "sh", "-c", SCRIPT, "slipway-copy", ...ends], { deadline });
  if (code === TOOLS_MISSING) return docker.addMissing(from, to, deadline);
  if (code !== 0) throw notCopied(connection.host, from, to, stderr.trim() || `exit code ${code}`);
}

const notCopied = (host: string, from: ContainerFolder, to: ContainerFolder, why: string): Error =>
  new Error(`${host}: ${from.container}:${from.path} was not copied to ${to.container}:${to.path}: ${why}`);
