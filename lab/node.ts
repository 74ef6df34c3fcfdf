import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { PushedImage } from "./app.ts";
import { accounts, type DebianFiles, debianImage, environment } from "./debian.ts";
import type { LabRegistry } from "./registry.ts";

const USER = 1000; // as in the official image
const BINARY = new URL("../node_modules/node/bin/node", import.meta.url).pathname;
const PACKAGE = new URL("../node_modules/node/package.json", import.meta.url);
const AUTHORITY = "/usr/local/share/ca-certificates/lab.crt";
const TOOLS = ["coreutils", "dash", "gzip", "libc-bin", "tar"];

/** As in the official image: arguments that are not a command are for Node. */
const ENTRYPOINT = `#!/bin/sh
set -e
case "$1" in
  -*) set -- node "$@" ;;
  *) [ -n "$(command -v "$1")" ] && { [ ! -f "$1" ] || [ -x "$1" ]; } || set -- node "$@" ;;
esac
exec "$@"
`;

/**
 * The Node of this project's tests on a small Debian like `node:24-slim`: sh, tar, gzip, mkfifo. It also trusts the lab's CA. Call it
 * after `startLab`.
 *
 * @example await nodeImage(lab.registry, "24-slim")
 */
export async function nodeImage(registry: LabRegistry, tag: string): Promise<PushedImage> {
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(await readFile(PACKAGE, "utf8")));
  return debianImage(registry, "node", tag, await filesOf(registry, version), {
    Env: environment({ NODE_VERSION: version, NODE_EXTRA_CA_CERTS: AUTHORITY }),
    Entrypoint: ["docker-entrypoint.sh"],
    Cmd: ["node"],
  });
}

const filesOf = async (registry: LabRegistry, version: string): Promise<DebianFiles> => ({
  name: "node",
  suite: "trixie",
  packages: ["libstdc++6", "libgcc-s1", ...TOOLS],
  files: [
    ...accounts("node", USER, "/home/node"),
    { name: "home/node/", mode: 0o755, uid: USER, gid: USER },
    { name: AUTHORITY, mode: 0o644, content: await readFile(registry.ca, "utf8") },
    { name: "usr/local/bin/docker-entrypoint.sh", mode: 0o755, content: ENTRYPOINT },
  ],
  copied: { "usr/local/bin/node": { from: BINARY, version } },
});
