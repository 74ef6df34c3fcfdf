import { access, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { Deadline } from "../../core/deadline.ts";
import type { Entry } from "../bundle.ts";
import { Daemon } from "../daemon.ts";
import { SUITE } from "../image.ts";
import { folder, inState, timed } from "../state.ts";
import { indexArchive } from "./apt-index.ts";
import { endSigning, ensureSigningKey } from "./keys.ts";
import { repackBig, repackDocker } from "./repack.ts";

const PORT = 5080;
const FOLDER = "archive";
const KEYRING = "/usr/share/keyrings/slipway-lab-archive.asc";
const ABOUT = "about.json";
const daemon = new Daemon("archive");

const Archive = z.object({
  /** The public key of Debian's archive, armored. */
  debianKey: z.string(),
  /** Of the key that signs what plays Docker's own archive: 40 hex digits. */
  dockerFingerprint: z.string(),
  /** Of docker-ce in that, as `docker version` says them without Debian's suffix, the older first. @example ["26.1.4", "26.1.5"] */
  dockerVersions: z.tuple([z.string(), z.string()]),
});

/** Where hosts without Docker get packages: a Debian archive of the lab's, and one that plays Docker's own. */
export interface Archive extends z.infer<typeof Archive> {
  /** The `URIs:` of Debian's archive; bare hosts name it and no other. */
  readonly debian: string;
  /** What stands for https://download.docker.com/linux/debian: suite trixie, component stable; `…/gpg` is its key. */
  readonly docker: string;
}

const pathOf = (recipe: string, ...parts: string[]): string => inState(FOLDER, recipe, ...parts);

/** Whether the archive of that recipe was made. */
export const hasArchive = (recipe: string): Promise<boolean> =>
  access(pathOf(recipe)).then(
    () => true,
    () => false,
  );

/**
 * Makes the archive of a recipe: `fill` puts Debian's packages into a folder. It appears at its place when it is whole.
 */
export async function makeArchive(recipe: string, fill: (pool: string) => Promise<void>): Promise<void> {
  const draft = `${recipe}.draft`;
  await rm(pathOf(draft), { recursive: true, force: true });
  const pool = await folder(FOLDER, draft, "debian", "pool");
  await fill(pool);
  await timed("repack the big packages", () => repackBig(pool));
  await timed("make the archives of packages", () => makeBoth(draft, pool));
  // only the newest is needed: a machine of an older image is replaced
  const others = (await readdir(inState(FOLDER))).filter((name) => name !== draft);
  await Promise.all(others.map((name) => rm(pathOf(name), { recursive: true, force: true })));
  await rename(pathOf(draft), pathOf(recipe));
}

async function makeBoth(draft: string, pool: string): Promise<void> {
  const debian = await ensureSigningKey("Slipway lab, for Debian");
  const docker = await ensureSigningKey("Slipway lab, for Docker");
  const dockers = await folder(FOLDER, draft, "linux", "debian");
  const dockerVersions = await repackDocker(pool, await folder(FOLDER, draft, "linux", "debian", "pool"));
  await writeFile(join(dockers, "gpg"), docker.armored);
  await indexArchive(pathOf(draft, "debian"), { origin: "Slipway lab, Debian", suite: SUITE, component: "main" }, debian);
  await indexArchive(dockers, { origin: "Slipway lab, Docker", suite: SUITE, component: "stable" }, docker);
  await endSigning();
  const about = { debianKey: debian.armored, dockerFingerprint: docker.fingerprint, dockerVersions };
  await writeFile(pathOf(draft, ABOUT), JSON.stringify(about satisfies z.infer<typeof Archive>));
}

/** Serves the archive on the machine's address in the hosts' network; running already is fine. */
export async function startArchive(recipe: string, address: string): Promise<Archive> {
  const base = `http://${address}:${PORT}/${recipe}`;
  const server = new URL("server.ts", import.meta.url).pathname;
  await daemon.start([process.execPath, server, address, String(PORT), await folder(FOLDER)]);
  const up = async () => {
    if ((await daemon.pid()) === undefined) throw new Error(`the archive's server ended:\n${await daemon.lastLines()}`);
    const answer = await fetch(`${base}/${ABOUT}`).catch(() => undefined);
    return answer?.ok ? answer : undefined;
  };
  const answer = await Deadline.in(20).until(up, () => new Error(`the archive's server does not answer; see ${daemon.log}`));
  return { ...Archive.parse(await answer.json()), debian: `${base}/debian`, docker: `${base}/linux/debian` };
}

/** What makes a new host trust and name the lab's archive of Debian, and nothing else. */
export const aptSources = ({ debian, debianKey }: Archive): readonly Entry[] => [
  { name: KEYRING.slice(1), mode: 0o644, content: debianKey },
  {
    name: "etc/apt/sources.list.d/debian.sources",
    mode: 0o644,
    content: `Types: deb\nURIs: ${debian}\nSuites: ${SUITE}\nComponents: main\nSigned-By: ${KEYRING}\n`,
  },
];

export const stopArchive = (): Promise<void> => daemon.stop(5);
