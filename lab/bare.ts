import { readFile } from "node:fs/promises";
import { type Archive, aptSources, startArchive } from "./archive/archive.ts";
import { ensureBareImage } from "./bare-image.ts";
import type { Entry } from "./bundle.ts";
import { dnfSources, ensureDnfImage, type RpmRepositories, rpmsOf } from "./dnf-image.ts";
import type { Ground } from "./ground.ts";
import type { LabKey } from "./keys.ts";
import type { MachineKind } from "./machine.ts";

/** Shared parts of hosts without Docker. */
export interface BareParts {
  readonly image: string;
  /** Files of a new host that name where it gets packages, and nothing else. */
  readonly sources: readonly Entry[];
  readonly archive: Archive;
  /** Only of hosts with dnf. */
  readonly rpms?: RpmRepositories;
}

/** Creates and starts the missing parts. */
export async function startBare({ outer, network }: Ground): Promise<BareParts> {
  const { image, recipe } = await ensureBareImage(outer);
  const archive = await startArchive(recipe, network.gateway);
  return { image, archive, sources: aptSources(archive) };
}

/** The same for hosts whose package manager is dnf. */
export async function startDnf({ outer, network }: Ground): Promise<BareParts> {
  const bare = await ensureBareImage(outer);
  const archive = await startArchive(bare.recipe, network.gateway);
  const { image, repositories } = await ensureDnfImage(outer, bare);
  const rpms = await rpmsOf(archive, repositories);
  return { image, archive, rpms, sources: dnfSources(rpms) };
}

const HOMES = [
  { home: "root", uid: 0 },
  { home: "home/deploy", uid: 1000 },
  { home: "home/nodocker", uid: 1001 },
] as const;

/** A new server as a provider delivers it, with an SSH host key and the operator's key for each user. */
export async function bareKind({ image, sources }: BareParts, hostKey: LabKey, operator: LabKey): Promise<MachineKind> {
  const [privateKey, publicKey, authorized] = await Promise.all(
    [hostKey.file, `${hostKey.file}.pub`, `${operator.file}.pub`].map((file) => readFile(file, "utf8")),
  );
  const allowed = HOMES.flatMap(({ home, uid }): Entry[] => [
    { name: `${home}/.ssh/`, mode: 0o700, uid, gid: uid },
    { name: `${home}/.ssh/authorized_keys`, mode: 0o600, uid, gid: uid, content: authorized ?? "" },
  ]);
  const own: Entry[] = [
    { name: "etc/ssh/ssh_host_ed25519_key", mode: 0o600, content: privateKey ?? "" },
    { name: "etc/ssh/ssh_host_ed25519_key.pub", mode: 0o644, content: publicKey ?? "" },
  ];
  return { image, keys: "own", files: [...sources, ...own, ...allowed] };
}
