import { rm } from "node:fs/promises";
import type Dockerode from "dockerode";
import { command } from "./command.ts";
import { HOST_IMAGE } from "./image.ts";
import type { LabNetwork } from "./network.ts";
import { folder, inState, LABEL, STATE } from "./state.ts";

const HOST_LABEL = "slipway.lab.host";
const MEMORY = 2 * 1024 ** 3;

/** All that Docker 20.10 knows but SYS_RESOURCE, which some machines refuse to give. */
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
}

/** What a new machine is given. */
export interface MachineArgs {
  readonly name: string;
  readonly network: LabNetwork;
  /** Registry `host:port` whose CA the host's Docker trusts. */
  readonly registry: string;
  readonly ca: string;
}

/** The lab's machines that are there, running or not. */
export async function listMachines(outer: Dockerode): Promise<Machine[]> {
  const found = await outer.listContainers({ all: true, filters: { label: [`${LABEL}=${STATE}`, HOST_LABEL] } });
  return found.map(({ Id, Labels }) => ({
    id: Id,
    name: Labels[HOST_LABEL] ?? "",
    address: Labels[`${HOST_LABEL}.address`] ?? "",
  }));
}

/** The machine of that name, made and started if need be. One of an older image is replaced. */
export async function ensureMachine(outer: Dockerode, args: MachineArgs, taken: ReadonlySet<string>): Promise<Machine> {
  const there = (await listMachines(outer)).find(({ name }) => name === args.name);
  if (there !== undefined) {
    const { Config, State } = await outer.getContainer(there.id).inspect();
    if (Config.Image === HOST_IMAGE && State.Running) return there;
    if (Config.Image === HOST_IMAGE) {
      await outer.getContainer(there.id).start();
      return there;
    }
    await removeMachine(outer, there);
  }
  return createMachine(outer, args, there?.address ?? freeAddress(args, taken));
}

/** Removes the machine with its disk. */
export async function removeMachine(outer: Dockerode, { id, name }: Machine): Promise<void> {
  await outer.getContainer(id).remove({ force: true, v: true });
  await outer
    .getVolume(volumeOf(name))
    .remove({ force: true })
    .catch((error: unknown) => console.error(`lab: volume of ${name} stays: ${error instanceof Error ? error.message : error}`));
  await rm(inState("hosts", name, "run"), { recursive: true, force: true });
  // its own containers' control groups outlive it, empty
  const sweep =
    'for tree in /sys/fs/cgroup/*/"$1" /sys/fs/cgroup/"$1"; do [ -d "$tree" ] && find "$tree" -depth -type d -exec rmdir {} +; done; true';
  await command(["sh", "-c", sweep, "sh", `slipway-lab/${name}`]).catch(() => "");
}

const volumeOf = (name: string): string => `slipway-lab-${name}`;

/** `web-3` gets the third address; other names the first free one above those. */
function freeAddress({ name, network }: MachineArgs, taken: ReadonlySet<string>): string {
  const ordinal = Number(/^web-([1-9]\d?)$/.exec(name)?.[1] ?? 0);
  const own = network.address(ordinal);
  if (ordinal > 0 && !taken.has(own)) return own;
  for (let index = 100; index < 240; index += 1) if (!taken.has(network.address(index))) return network.address(index);
  throw new Error("the lab's network is full");
}

async function createMachine(outer: Dockerode, { name, network, registry, ca }: MachineArgs, address: string): Promise<Machine> {
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
    Mounts: [
      bind("/sys/fs/cgroup", "/sys/fs/cgroup"),
      { ...bind(inState("hosts", name, "ssh"), "/lab/ssh"), ReadOnly: true },
      bind(run, "/lab/run"),
      bind(ca, `/etc/docker/certs.d/${registry}/ca.crt`),
      {
        Type: "volume",
        Source: volumeOf(name),
        Target: "/var/lib/docker",
        VolumeOptions: { NoCopy: true, Labels: { [LABEL]: STATE }, DriverConfig: { Name: "local", Options: {} } },
      },
    ],
  };
  const container = await outer.createContainer({
    name: `slipway-lab-${name}`,
    Hostname: name,
    Image: HOST_IMAGE,
    Env: [`LAB_CGROUP=/slipway-lab/${name}`, `LAB_MEMORY=${MEMORY}`],
    Labels: { [LABEL]: STATE, [HOST_LABEL]: name, [`${HOST_LABEL}.address`]: address },
    NetworkingConfig: { EndpointsConfig: { [network.name]: { IPAMConfig: { IPv4Address: address } } } },
    HostConfig: host,
  });
  await container.start();
  return { id: container.id, name, address };
}
