import { access, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type Dockerode from "dockerode";
import { z } from "zod";
import type { Archive } from "./archive/archive.ts";
import type { BareImage } from "./bare-image.ts";
import { inBuildContainer, keepAsHost } from "./build-container.ts";
import { type Entry, tarOf } from "./bundle.ts";
import { hasImage, recipe } from "./image.ts";
import { inState, timed } from "./state.ts";

/** What plays the RPM repositories of a system and of Docker. */
export interface RpmRepositories {
  /** The system's own: without Docker. */
  readonly base: string;
  /** What stands for https://download.docker.com, with the versions of `Archive.dockerVersions` for CentOS 9. */
  readonly docker: string;
  /** The same, but another key has signed docker-ce-cli. */
  readonly forged: string;
  /** Of the key that signs Docker's packages: 40 hex digits. */
  readonly fingerprint: string;
}

/** The image of hosts with dnf, and the folder of their repositories on the archive's server. */
interface DnfImage {
  readonly image: string;
  readonly repositories: string;
}

const TOOLS = "apt-get update -q && apt-get install -y -q --no-install-recommends dnf rpm createrepo-c curl gpg-agent";
const RELEASE: Entry = {
  name: "usr/lib/os-release",
  mode: 0o644,
  content:
    'NAME="Rocky Linux"\nID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"\nPRETTY_NAME="Rocky Linux 9.4 (Blue Onyx)"\n',
};
/** Where the build container has what it reads and writes. */
const [DEBS, RPMS] = ["/lab-debs", "/lab-rpms"] as const;
const SCRIPTS = ["repositories", "root"] as const;
const About = z.object({ fingerprint: z.string() });

/** Makes the image and its repositories if one is missing. Their packages are Docker's from the archive of bare hosts, packed as RPMs. */
export async function ensureDnfImage(docker: Dockerode, bare: BareImage): Promise<DnfImage> {
  const scripts = await Promise.all(
    SCRIPTS.map(async (name) => ({
      name: `usr/local/sbin/make-${name}`,
      mode: 0o755,
      content: await readFile(new URL(`rpm/${name}`, import.meta.url), "utf8"),
    })),
  );
  const name = recipe([bare.image, TOOLS, RELEASE, scripts]);
  const image = `slipway-lab/dnf:${name}`;
  const repositories = join("rpm", name);
  const at = inState("archive", bare.recipe, repositories);
  const isThere = await access(at).then(
    () => true,
    () => false,
  );
  if (!isThere || !(await hasImage(docker, image)))
    await timed("create the image of hosts with dnf", () => make(docker, bare, image, at, scripts));
  return { image, repositories };
}

async function make(docker: Dockerode, bare: BareImage, image: string, at: string, scripts: readonly Entry[]): Promise<void> {
  const draft = `${at}.draft`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true });
  const folders = { [DEBS]: inState("archive", bare.recipe, "linux", "debian", "pool"), [RPMS]: draft };
  await inBuildContainer(docker, { from: bare.image, makes: "the image of hosts with dnf", folders }, async (container, run) => {
    await container.putArchive(await tarOf([...scripts, RELEASE]), { path: "/" });
    await run(TOOLS);
    await run(`make-repositories ${DEBS} ${RPMS} && make-root ${RPMS} && rm -f /usr/local/sbin/make-*`);
    await keepAsHost(container, image);
  });
  // Only the newest is needed: a machine of an older image is replaced.
  const others = (await readdir(dirname(at))).filter((name) => name !== basename(draft));
  await Promise.all(others.map((name) => rm(join(dirname(at), name), { recursive: true, force: true })));
  await rename(draft, at);
}

/** @param repositories their folder beside the archive of Debian */
export async function rpmsOf({ debian }: Archive, repositories: string): Promise<RpmRepositories> {
  const docker = new URL(repositories, debian).href;
  const answer = await fetch(`${docker}/about.json`);
  const { fingerprint } = About.parse(await answer.json());
  return { docker, base: `${docker}/base`, forged: `${docker}/forged`, fingerprint };
}

/** What makes a new host trust and name the system's own repository, and no other. */
export const dnfSources = ({ base }: RpmRepositories): readonly Entry[] => [
  {
    name: "etc/yum.repos.d/rocky.repo",
    mode: 0o644,
    content: `[baseos]\nname=Rocky Linux, of the lab\nbaseurl=${base}\ngpgcheck=1\ngpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-lab\n`,
  },
];
