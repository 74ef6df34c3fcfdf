import { type Bundle, bundle, layer } from "./bundle.ts";
import { goBinary, hostArchitecture } from "./gobuild.ts";

const REPOSITORY = "basecamp/kamal-proxy";
const USER = 1001; // as in the official image, where Ubuntu's own user is 1000

/** The version that every host has, and an older one with the same binary for upgrades. */
export const PROXY_VERSIONS = ["v0.9.2", "v0.9.1"] as const;
export const PROXY_REPOSITORY = REPOSITORY;
/** @example "basecamp/kamal-proxy:v0.9.2" */
export const PROXY_IMAGE = `${REPOSITORY}:${PROXY_VERSIONS[0]}`;

type ProxyImages = readonly (readonly [version: string, image: Bundle])[];

let packed: Promise<ProxyImages> | undefined;

/** The kamal-proxy images by version, packed once per process: like the official image, but without Ubuntu. */
export function proxyImages(): Promise<ProxyImages> {
  packed ??= pack();
  return packed;
}

async function pack(): Promise<ProxyImages> {
  const content = await goBinary({
    name: "kamal-proxy",
    from: new URL("./kamal-proxy/", import.meta.url).pathname,
    target: "github.com/basecamp/kamal-proxy/cmd/kamal-proxy",
  });
  const own = { uid: USER, gid: USER };
  const files = await layer([
    { name: "etc/", mode: 0o755 },
    {
      name: "etc/passwd",
      mode: 0o644,
      content: `root:x:0:0:root:/root:/bin/sh\nkamal-proxy:x:${USER}:${USER}::/home/kamal-proxy:/bin/sh\n`,
    },
    { name: "etc/group", mode: 0o644, content: `root:x:0:\nkamal-proxy:x:${USER}:\n` },
    { name: "tmp/", mode: 0o1777 },
    { name: "home/", mode: 0o755 },
    { name: "home/kamal-proxy/", mode: 0o750, ...own },
    { name: "home/kamal-proxy/.config/", mode: 0o755, ...own },
    { name: "home/kamal-proxy/.config/kamal-proxy/", mode: 0o755, ...own },
    { name: "usr/", mode: 0o755 },
    { name: "usr/local/", mode: 0o755 },
    { name: "usr/local/bin/", mode: 0o755 },
    { name: "usr/local/bin/kamal-proxy", mode: 0o755, content },
  ]);
  return PROXY_VERSIONS.map((version) => [version, bundle(files, config(version), hostArchitecture())] as const);
}

const config = (version: string) => ({
  User: "kamal-proxy:kamal-proxy",
  Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
  Cmd: ["kamal-proxy", "run"],
  ExposedPorts: { "80/tcp": {}, "443/tcp": {} },
  Labels: { "org.opencontainers.image.version": version },
});
