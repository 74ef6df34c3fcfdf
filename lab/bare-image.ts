import { readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { buffer } from "node:stream/consumers";
import type Dockerode from "dockerode";
import { extract } from "tar-stream";
import { hasArchive, makeArchive } from "./archive/archive.ts";
import { inBuildContainer, keepAsHost } from "./build-container.ts";
import { type Entry, tarOf } from "./bundle.ts";
import { BASE_IMAGE, ensureBase, hasImage, recipe } from "./image.ts";
import { timed } from "./state.ts";

/** The packages of the lab's archive; their dependencies are added. */
const ARCHIVED = ["docker.io", "docker-cli", "curl", "jq"] as const;
const WITHOUT = ["docker.io", "docker-cli", "containerd", "runc"] as const;
/** The systemd commands that the lab replaces. Package scripts expect them in /usr/bin. */
const REPLACED = ["systemctl", "journalctl"] as const;
const ARCHIVES = "/var/cache/apt/archives";

/** Run in the lab's Debian, with the machine's network. `-p '*'`: no password fits, as on a server whose users have keys. */
const PREPARE = `
set -e
export DEBIAN_FRONTEND=noninteractive
apt-get purge -y -q ${WITHOUT.join(" ")}
! getent group docker || groupdel docker
rm -rf /etc/docker
apt-get update -q
apt-get install -y -q --no-install-recommends gpg
apt-get clean
apt-get install -y -q --no-install-recommends --download-only ${ARCHIVED.join(" ")}
useradd -m -s /bin/bash -p '*' deploy
useradd -m -s /bin/bash -p '*' nodocker
for tool in ${REPLACED.join(" ")}; do dpkg-divert --quiet --local --rename --add /usr/bin/$tool; done
`;
/** Run after the packages have been copied out. */
const CLEAN = "apt-get clean; rm -rf /var/lib/apt/lists/* /etc/apt/sources.list /var/log/apt /var/log/dpkg.log";

const HERE = new URL("bare/", import.meta.url).pathname;
const PLACES: Readonly<Record<string, string>> = {
  systemctl: "usr/bin",
  journalctl: "usr/bin",
  "cloud-init": "usr/bin",
  sshd_config: "etc/ssh",
};

/** The image and the package archive of hosts without Docker. */
export interface BareImage {
  readonly image: string;
  /** The archive's name; it changes with everything that goes into image and archive. */
  readonly recipe: string;
}

/** Creates both if they are missing: apt in the image decides what the archive must contain. */
export async function ensureBareImage(docker: Dockerode): Promise<BareImage> {
  const files = await scripts();
  const packages = recipe([BASE_IMAGE, PREPARE, await makers()]);
  const name = recipe([packages, CLEAN, files]);
  const bare: BareImage = { image: `slipway-lab/bare:${name}`, recipe: packages };
  if ((await hasImage(docker, bare.image)) && (await hasArchive(packages))) return bare;
  await ensureBase(docker);
  await timed("create the image of hosts without Docker", () => prepare(docker, bare, files));
  return bare;
}

/** The code that creates the archive: changed code creates a new archive. */
async function makers(): Promise<string[]> {
  const folder = new URL("archive/", import.meta.url).pathname;
  const names = (await readdir(folder)).sort();
  return Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
}

async function scripts(): Promise<Entry[]> {
  const names = (await readdir(HERE)).sort();
  const entries = names.map(async (name) => ({
    name: join(PLACES[name] ?? "usr/local/sbin", name),
    mode: name === "sshd_config" ? 0o644 : 0o755,
    content: await readFile(join(HERE, name), "utf8"),
  }));
  const sudo = { name: "etc/sudoers.d/deploy", mode: 0o440, content: "deploy ALL=(ALL:ALL) NOPASSWD: ALL\n" };
  // tests install Docker often, and need no durability
  const dpkg = { name: "etc/dpkg/dpkg.cfg.d/lab", mode: 0o644, content: "force-unsafe-io\n" };
  return [...(await Promise.all(entries)), sudo, dpkg];
}

async function prepare(docker: Dockerode, { image, recipe: packages }: BareImage, files: readonly Entry[]): Promise<void> {
  const makes = "the image of hosts without Docker";
  await inBuildContainer(docker, { from: BASE_IMAGE, makes }, async (container, run) => {
    await run(PREPARE);
    if (!(await hasArchive(packages))) await makeArchive(packages, (pool) => takePackages(container, pool));
    await run(CLEAN);
    await container.putArchive(await tarOf(files), { path: "/" });
    await keepAsHost(container, image);
  });
}

/** The files that apt downloaded. */
async function takePackages(container: Dockerode.Container, pool: string): Promise<void> {
  const archive = (await container.getArchive({ path: ARCHIVES })).pipe(extract());
  for await (const entry of archive) {
    // apt encodes the colon of an epoch in the file name; in a URL it would be decoded
    const name = basename(entry.header.name).replaceAll("%3a", ".");
    if (name.endsWith(".deb")) await writeFile(join(pool, name), await buffer(entry));
    else entry.resume();
  }
}
