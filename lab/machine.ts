import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import type Dockerode from "dockerode";
import type { Bytes } from "../core/words.ts";
import { type Entry, tarOf } from "./bundle.ts";
import { command } from "./command.ts";
import type { LabNetwork } from "./network.ts";
import { folder, inState, LABEL, STATE } from "./state.ts";

const HOST_LABEL = "slipway.lab.host";
const MEMORY = 2 * 1024 ** 3;

/** All capabilities of Docker 20.10 except SYS_RESOURCE, which some machines do not grant. */
const CAPABILITIES = [
  ...[
    "AUDIT_CONTROL",
    "AUDIT_READ",
    "AUDIT_WRITE",
    "BLOCK_SUSPEND",
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
  ],
  ...["IPC_LOCK", "IPC_OWNER", "KILL", "LEASE", "LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE", "MKNOD", "NET_ADMIN"],
  ...[
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_RAW",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYSLOG",
    "SYS_ADMIN",
    "SYS_BOOT",
  ],
  ...["SYS_CHROOT", "SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO", "SYS_TIME", "SYS_TTY_CONFIG", "WAKE_ALARM"],
];

/** A container that is a host. */
export interface Machine {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  /** Size of its own disk for Docker; `undefined`: Docker's data is on the disk of the machine that runs the lab. */
  readonly disk: Bytes | undefined;
}

/** How a machine is created. */
export interface MachineKind {
  readonly image: string;
  /** Files written before its first boot. */
  readonly files: readonly Entry[];
  /** Its SSH keys: `folder`, in a mounted folder of this machine; `own`, in its own file system, as on a server. */
  readonly keys: "folder" | "own";
}

/** Settings of a new machine. */
export interface MachineArgs {
  readonly name: string;
  readonly kind: MachineKind;
  readonly network: LabNetwork;
  /** Registry `host:port` whose CA the host's Docker trusts. */
  readonly registry: string;
  readonly ca: string;
  /** A machine with a different disk is replaced. Default: any. */
  readonly disk?: Bytes | undefined;
}

/** The existing machines of the lab, running or not. */
export async function listMachines(outer: Dockerode): Promise<Machine[]> {
  const found = await outer.listContainers({ all: true, filters: { label: [`${LABEL}=${STATE}`, HOST_LABEL] } });
  return found.map(({ Id, Labels }) => ({
    id: Id,
    name: Labels[HOST_LABEL] ?? "",
    address: Labels[`${HOST_LABEL}.address`] ?? "",
    disk: Number(Labels[`${HOST_LABEL}.disk`]) || undefined,
  }));
}

/** The machine of that name, created and started if necessary. A machine of an older image is replaced. @param address of a new one */
export async function ensureMachine(outer: Dockerode, args: MachineArgs, address?: string): Promise<Machine> {
  const machines = await listMachines(outer);
  const there = machines.find(({ name }) => name === args.name);
  if (there !== undefined) {
    const { Config, State } = await outer.getContainer(there.id).inspect();
    const isRight = Config.Image === args.kind.image && (args.disk === undefined || args.disk === there.disk);
    if (isRight && State.Running) return there;
    if (isRight) {
      if (there.disk !== undefined) await holdDisk(outer, there.name, there.disk, args.kind.image);
      await outer.getContainer(there.id).start();
      return there;
    }
    await removeMachine(outer, there);
  }
  return createMachine(
    outer,
    args,
    address ?? there?.address ?? freeAddress(args, new Set(machines.map(({ address }) => address))),
  );
}

/** Re-creates the machine of that name, at its address, as it was before its first boot. */
export async function renewMachine(outer: Dockerode, args: MachineArgs): Promise<Machine> {
  const there = (await listMachines(outer)).find(({ name }) => name === args.name);
  if (there !== undefined) await removeMachine(outer, there);
  return ensureMachine(outer, args, there?.address);
}

/** Removes the machine with its disk. */
export async function removeMachine(outer: Dockerode, { id, name }: Machine): Promise<void> {
  await outer.getContainer(id).remove({ force: true, v: true });
  await dropDisk(outer, name);
  await outer
    .getVolume(volumeOf(name))
    .remove({ force: true })
    .catch((error: unknown) => console.error(`lab: volume of ${name} stays: ${error instanceof Error ? error.message : error}`));
  await rm(inState("hosts", name, "run"), { recursive: true, force: true });
  // the empty control groups of its containers outlive it
  const sweep =
    'for tree in /sys/fs/cgroup/*/"$1" /sys/fs/cgroup/"$1"; do [ -d "$tree" ] && find "$tree" -depth -type d -exec rmdir {} +; done; true';
  await command(["sh", "-c", sweep, "sh", `slipway-lab/${name}`]).catch(() => "");
}

const volumeOf = (name: string): string => `slipway-lab-${name}`;
const diskHolderOf = (name: string): string => `slipway-lab-${name}-disk`;

/** A disk of a given size is a tmpfs: the only kind that every Docker engine can create without a device. */
const diskOptions = (size: Bytes | undefined): Record<string, string> =>
  size === undefined ? {} : { type: "tmpfs", device: "tmpfs", o: `size=${size}` };

const diskMount = (name: string, size: Bytes | undefined): Dockerode.MountConfig[number] => ({
  Type: "volume",
  Source: volumeOf(name),
  Target: "/var/lib/docker",
  VolumeOptions: { NoCopy: true, Labels: { [LABEL]: STATE }, DriverConfig: { Name: "local", Options: diskOptions(size) } },
});

/** A tmpfs exists while something has it mounted; the machine itself does not during a reboot. */
async function holdDisk(outer: Dockerode, name: string, size: Bytes, image: string): Promise<void> {
  await dropDisk(outer, name);
  const holder = await outer.createContainer({
    name: diskHolderOf(name),
    Image: image,
    Cmd: ["sleep", "infinity"],
    Labels: { [LABEL]: STATE },
    HostConfig: { NetworkMode: "none", Mounts: [diskMount(name, size)] },
  });
  await holder.start();
}

async function dropDisk(outer: Dockerode, name: string): Promise<void> {
  const filters = { name: [`^/${diskHolderOf(name)}$`] };
  const holders = await outer.listContainers({ all: true, filters });
  await Promise.all(holders.map(({ Id }) => outer.getContainer(Id).remove({ force: true })));
}

/** `web-3` gets the third address; other names get the first free one above those. */
function freeAddress({ name, network }: MachineArgs, taken: ReadonlySet<string>): string {
  const ordinal = Number(/^web-([1-9]\d?)$/.exec(name)?.[1] ?? 0);
  const own = network.address(ordinal);
  if (ordinal > 0 && !taken.has(own)) return own;
  for (let index = 100; index < 240; index += 1) if (!taken.has(network.address(index))) return network.address(index);
  throw new Error("the lab's network is full");
}

async function createMachine(
  outer: Dockerode,
  { name, kind, network, registry, ca, disk }: MachineArgs,
  address: string,
): Promise<Machine> {
  if (disk !== undefined) await holdDisk(outer, name, disk, kind.image);
  await folder("hosts", name);
  const run = await folder("hosts", name, "run");
  const bind = (Source: string, Target: string) => ({ Type: "bind" as const, Source, Target });
  const host: Dockerode.HostConfig & { CgroupnsMode: "host" } = {
    NetworkMode: network.name,
    CapAdd: CAPABILITIES,
    SecurityOpt: ["seccomp=unconfined", "apparmor=unconfined"],
    MaskedPaths: [],
    ReadonlyPaths: [],
    CgroupnsMode: "host",
    Memory: MEMORY,
    Tmpfs: { "/run": "rw,exec,mode=755" },
    // a machine with its own `reboot` exits and is restarted
    RestartPolicy: { Name: kind.keys === "own" ? "on-failure" : "no" },
    Mounts: [
      bind("/sys/fs/cgroup", "/sys/fs/cgroup"),
      ...(kind.keys === "folder" ? [{ ...bind(inState("hosts", name, "ssh"), "/lab/ssh"), ReadOnly: true }] : []),
      bind(run, "/lab/run"),
      bind(ca, `/etc/docker/certs.d/${registry}/ca.crt`),
      diskMount(name, disk),
    ],
  };
  const container = await outer.createContainer({
    name: `slipway-lab-${name}`,
    Hostname: name,
    Image: kind.image,
    Env: [`LAB_CGROUP=/slipway-lab/${name}`, `LAB_MEMORY=${MEMORY}`],
    Labels: {
      [LABEL]: STATE,
      [HOST_LABEL]: name,
      [`${HOST_LABEL}.address`]: address,
      ...(disk === undefined ? {} : { [`${HOST_LABEL}.disk`]: String(disk) }),
    },
    NetworkingConfig: { EndpointsConfig: { [network.name]: { IPAMConfig: { IPv4Address: address } } } },
    HostConfig: host,
  });
  await container.putArchive(await tarOf([machineId(), ...kind.files]), { path: "/" });
  await container.start();
  return { id: container.id, name, address, disk };
}

/** As the first boot of a server makes it. */
const machineId = (): Entry => ({ name: "etc/machine-id", mode: 0o444, content: `${randomUUID().replaceAll("-", "")}\n` });
