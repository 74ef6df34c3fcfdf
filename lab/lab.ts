import type { Bytes } from "../core/words.ts";
import { stopAcme } from "./acme.ts";
import { type AppImageOptions, type AppSwitches, appImage, ensureApp, type PushedImage } from "./app.ts";
import { type Archive, stopArchive } from "./archive/archive.ts";
import { type BareParts, bareKind, startBare, startDnf } from "./bare.ts";
import { loadable } from "./bundle.ts";
import { type Load, type LoadOptions, load } from "./client.ts";
import type { RpmRepositories } from "./dnf-image.ts";
import { findEngine, stopEngine } from "./engine.ts";
import { type Ground, startGround } from "./ground.ts";
import { LabHost } from "./host.ts";
import { ensureHostImage, HOST_IMAGE } from "./image.ts";
import { ensureHostKey, type LabKey } from "./keys.ts";
import { LANE } from "./lane.ts";
import { alone } from "./lock.ts";
import { ensureMachine, listMachines, type Machine, type MachineKind, removeMachine, renewMachine } from "./machine.ts";
import { removeNetwork } from "./network.ts";
import { PROXY_REPOSITORY, proxyImages } from "./proxy.ts";
import { push } from "./push.ts";
import { type LabRegistry, startRegistry, stopRegistry } from "./registry.ts";
import { stopS3 } from "./s3.ts";

export interface LabOptions {
  /** How many (`web-1`, `web-2` …), or their names. Default 1. @example ["web-1", "jobs-1"] */
  readonly hosts?: number | readonly string[];
  /** Gives each of these hosts its own disk for Docker, which a test can fill. Default: they share the machine's. */
  readonly disk?: Bytes;
  /**
   * As by a provider: without Docker, and with a package archive to install it from; `dnf`: not a Debian, but a system with RPM and dnf.
   * Default: with Docker.
   */
  readonly bare?: boolean | "dnf";
}

/**
 * Servers with sshd and Docker, a registry and images, all real, on this machine. Every process may start it; running parts are
 * reused, so a second start is quick. It outlives its starter; `stopLab` ends it.
 *
 * @example
 * const lab = await startLab({ hosts: 2 });
 * const { ref } = await lab.image("shop", "v1");
 */
export class Lab {
  readonly hosts: readonly LabHost[];
  readonly registry: LabRegistry;
  /** Accepted by every host for each of its users. */
  readonly key: LabKey;
  readonly #bare: BareParts | undefined;

  constructor(hosts: readonly LabHost[], registry: LabRegistry, key: LabKey, bare?: BareParts) {
    this.hosts = hosts;
    this.registry = registry;
    this.key = key;
    this.#bare = bare;
  }

  /** The package archive of its hosts. */
  get archive(): Archive {
    if (this.#bare === undefined) throw new Error("only a lab with bare hosts has a package archive");
    return this.#bare.archive;
  }

  /** The RPM repositories of its hosts. */
  get rpms(): RpmRepositories {
    if (this.#bare?.rpms === undefined) throw new Error("only a lab whose hosts have dnf has RPM repositories");
    return this.#bare.rpms;
  }

  /** @example lab.host("web-1") */
  host(name: string): LabHost {
    const found = this.hosts.find((host) => host.name === name);
    if (found === undefined)
      throw new Error(`no host ${name} in this lab; it has ${this.hosts.map((host) => host.name).join(", ")}`);
    return found;
  }

  /** Creates an image of the test app and pushes it. @example lab.image("shop", "v2", { EXIT_AT_BOOT: "1" }, { architecture: "arm64" }) */
  image(repository: string, tag: string, switches?: AppSwitches, options?: AppImageOptions): Promise<PushedImage> {
    // All lanes share the registry: test files that run in parallel must not overwrite each other's tags.
    return appImage(this.registry, LANE === 1 ? repository : `lane${LANE}/${repository}`, tag, switches, options);
  }

  /** Starts constant load from its own thread. */
  load(options: LoadOptions): Promise<Load> {
    return load(options);
  }

  /** Resets all hosts to fresh servers. */
  async reset(): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.reset()));
  }

  /** Restarts the registry after a test stopped it. */
  async startRegistry(): Promise<void> {
    await startRegistry(this.registry.server.split(":")[0] ?? "");
  }
}

/** Starts the missing parts of the lab. */
export function startLab({ hosts = 1, disk, bare = false }: LabOptions = {}): Promise<Lab> {
  const names = typeof hosts === "number" ? Array.from({ length: hosts }, (_, index) => `web-${index + 1}`) : hosts;
  return alone(async () => {
    const ground = await startGround();
    const { outer, registry, key } = ground;
    const bareParts = bare === "dnf" ? await startDnf(ground) : bare ? await startBare(ground) : undefined;
    if (!bare) await ensureHostImage(outer);
    await Promise.all([ensureApp(), ensureProxyPushed(registry)]);
    const up: LabHost[] = [];
    // one after the other: each needs the addresses of the previous ones
    for (const name of names) up.push(await ensureHost(ground, name, bareParts, disk));
    await Promise.all(up.map(settle));
    return new Lab(up, registry, key, bareParts);
  });
}

/** The running parts of the lab. */
export interface LabStatus {
  readonly engine: "running" | "stopped";
  readonly machines: readonly (Machine & { readonly state: string })[];
}

export async function labStatus(): Promise<LabStatus> {
  const outer = await findEngine();
  if (outer === undefined) return { engine: "stopped", machines: [] };
  const machines = await listMachines(outer);
  const states = machines.map(async (machine) => ({
    ...machine,
    state: (await outer.getContainer(machine.id).inspect()).State.Status,
  }));
  return { engine: "running", machines: await Promise.all(states) };
}

/** Removes the hosts and stops everything that the lab started; images and keys stay on disk, so that the next start is quick. */
export function stopLab(): Promise<void> {
  return alone(async () => {
    await Promise.all([stopRegistry(), stopArchive(), stopS3(), stopAcme()]);
    const outer = await findEngine();
    if (outer !== undefined) {
      const machines = await listMachines(outer);
      await Promise.all(machines.map((machine) => removeMachine(outer, machine)));
      await removeNetwork(outer);
    }
    await stopEngine();
  });
}

const withDocker = (): MachineKind => ({ image: HOST_IMAGE, files: [], keys: "folder" });

async function ensureHost(
  { outer, network, registry, key }: Ground,
  name: string,
  bare: BareParts | undefined,
  disk: Bytes | undefined,
): Promise<LabHost> {
  const hostKey = await ensureHostKey(name, key);
  const kind = bare === undefined ? withDocker() : await bareKind(bare, hostKey, key);
  const args = { name, kind, network, registry: registry.server, ca: registry.ca, disk };
  const machine = await ensureMachine(outer, args);
  const identity = { name, address: machine.address, hostKey: hostKey.publicKey, container: machine.id };
  const renew = () => alone(async () => (await renewMachine(outer, args)).id);
  return new LabHost(outer, identity, bare === undefined ? { proxyArchive } : { proxyArchive, renew });
}

async function settle(host: LabHost): Promise<void> {
  await host.ready();
  if (host.kind === "docker") await host.ensureProxyImages();
}

/** Both kamal-proxy images as one archive for `docker load`. */
export async function proxyArchive(): Promise<Buffer> {
  const images = await proxyImages();
  return loadable(images.map(([version, image]) => ({ image, tags: [`${PROXY_REPOSITORY}:${version}`] })));
}

async function ensureProxyPushed(registry: LabRegistry): Promise<void> {
  const images = await proxyImages();
  for (const [version, image] of images) {
    const there = await registry.call(`/v2/${PROXY_REPOSITORY}/manifests/${image.manifest.digest}`, { method: "HEAD" });
    if (there.status !== 200) await push(registry, PROXY_REPOSITORY, version, image);
  }
}
