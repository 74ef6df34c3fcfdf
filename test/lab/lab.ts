import type Dockerode from "dockerode";
import type { Bytes } from "../../core/words.ts";
import { type AppImageOptions, type AppSwitches, appImage, ensureApp, type PushedImage } from "./app.ts";
import { loadable } from "./bundle.ts";
import { type Load, type LoadOptions, load } from "./client.ts";
import { findEngine, startEngine, stopEngine } from "./engine.ts";
import { LabHost } from "./host.ts";
import { ensureHostImage } from "./image.ts";
import { ensureHostKey, ensureOperatorKey, type LabKey } from "./keys.ts";
import { LANE } from "./lane.ts";
import { alone } from "./lock.ts";
import { ensureMachine, listMachines, type Machine, removeMachine } from "./machine.ts";
import { ensureNetwork, type LabNetwork, removeNetwork } from "./network.ts";
import { PROXY_REPOSITORY, proxyImages } from "./proxy.ts";
import { push } from "./push.ts";
import { type LabRegistry, startRegistry, stopRegistry } from "./registry.ts";

/** What is wanted of the lab. */
export interface LabOptions {
  /** How many (`web-1`, `web-2` …), or their names. Default 1. @example ["web-1", "jobs-1"] */
  readonly hosts?: number | readonly string[];
  /** Gives each of these hosts a disk of its own for Docker, which a test can fill. Default: they share the machine's. */
  readonly disk?: Bytes;
}

/**
 * Servers with sshd and Docker, a registry and images, all real, on this machine. Every process may start it: what runs already is
 * used as it is, so a second start takes a moment. It outlives its starter; `stopLab` ends it.
 *
 * @example
 * const lab = await startLab({ hosts: 2 });
 * const { ref } = await lab.image("shop", "v1");
 */
export class Lab {
  readonly hosts: readonly LabHost[];
  readonly registry: LabRegistry;
  /** Opens every host as each of its users. */
  readonly key: LabKey;

  constructor(hosts: readonly LabHost[], registry: LabRegistry, key: LabKey) {
    this.hosts = hosts;
    this.registry = registry;
    this.key = key;
  }

  /** @example lab.host("web-1") */
  host(name: string): LabHost {
    const found = this.hosts.find((host) => host.name === name);
    if (found === undefined)
      throw new Error(`no host ${name} in this lab; it has ${this.hosts.map((host) => host.name).join(", ")}`);
    return found;
  }

  /** Makes an image of the test app and pushes it. @example lab.image("shop", "v2", { EXIT_AT_BOOT: "1" }, { architecture: "arm64" }) */
  image(repository: string, tag: string, switches?: AppSwitches, options?: AppImageOptions): Promise<PushedImage> {
    // The registry is everybody's: what runs side by side must not push over each other's tags.
    return appImage(this.registry, LANE === 1 ? repository : `lane${LANE}/${repository}`, tag, switches, options);
  }

  /** Starts constant load from a thread of its own. */
  load(options: LoadOptions): Promise<Load> {
    return load(options);
  }

  /** All hosts as fresh servers. */
  async reset(): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.reset()));
  }

  /** Registry is up again after a test stopped it. */
  async startRegistry(): Promise<void> {
    await startRegistry(this.registry.server.split(":")[0] ?? "");
  }
}

/** Starts what is missing of the lab, and gives it. */
export function startLab({ hosts = 1, disk }: LabOptions = {}): Promise<Lab> {
  const names = typeof hosts === "number" ? Array.from({ length: hosts }, (_, index) => `web-${index + 1}`) : hosts;
  return alone(async () => {
    const outer = await startEngine();
    const network = await ensureNetwork(outer);
    const [registry, key] = await Promise.all([startRegistry(network.gateway), ensureOperatorKey()]);
    await Promise.all([ensureHostImage(outer), ensureApp(), ensureProxyPushed(registry)]);
    const machines = await ensureMachines(outer, names, network, registry, key, disk);
    const up = await Promise.all(machines.map((machine) => hostOf(outer, machine, key)));
    await Promise.all(up.map(settle));
    return new Lab(up, registry, key);
  });
}

/** What runs of the lab now. */
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

/** Removes the hosts and stops all that the lab started; images and keys stay on disk, so that the next start is quick. */
export function stopLab(): Promise<void> {
  return alone(async () => {
    await stopRegistry();
    const outer = await findEngine();
    if (outer !== undefined) {
      const machines = await listMachines(outer);
      await Promise.all(machines.map((machine) => removeMachine(outer, machine)));
      await removeNetwork(outer);
    }
    await stopEngine();
  });
}

async function ensureMachines(
  outer: Dockerode,
  names: readonly string[],
  network: LabNetwork,
  registry: LabRegistry,
  key: LabKey,
  disk: Bytes | undefined,
): Promise<Machine[]> {
  const taken = new Set((await listMachines(outer)).map(({ address }) => address));
  const machines: Machine[] = [];
  // one after the other: each needs to know the addresses of those before it
  for (const name of names) {
    await ensureHostKey(name, key);
    const machine = await ensureMachine(outer, { name, network, registry: registry.server, ca: registry.ca, disk }, taken);
    taken.add(machine.address);
    machines.push(machine);
  }
  return machines;
}

async function hostOf(outer: Dockerode, { id, name, address }: Machine, key: LabKey): Promise<LabHost> {
  const { publicKey } = await ensureHostKey(name, key);
  return new LabHost(outer, { name, address, hostKey: publicKey, container: id }, proxyArchive);
}

async function settle(host: LabHost): Promise<void> {
  await host.ready();
  await host.ensureProxyImages();
}

/** Both kamal-proxy images as one archive for `docker load`. */
async function proxyArchive(): Promise<Buffer> {
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
