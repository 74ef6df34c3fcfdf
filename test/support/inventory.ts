import { Deadline } from "../../core/deadline.ts";
import type { LabHost } from "../../lab/host.ts";

/** Everything on a host that a deploy could leave behind. */
export interface Inventory {
  readonly containers: readonly string[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  /** Ids. */
  readonly images: readonly string[];
  /** Paths with size and mode, outside Docker's own folders and logs, and but for the file of the lease, which stays until a reboot, and the journal, which stays. */
  readonly files: readonly string[];
  /** Command lines. */
  readonly processes: readonly string[];
}

const FILES = `find / /run -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /lab -o -path /var/lib/docker -o -path /var/log \
  -o -path /run/docker -o -path /run/docker.sock -o -path /run/lock/slipway -o -path /var/lib/slipway -o -path /tmp/.X11-unix \\) -prune -o ! -type d -printf '%p %s %m\\n'`;
/** Without those of this look, also when they have ended and were not waited for: `[grep]`. */
const PROCESSES = "ps -eo args= | grep -v -e '^ps ' -e '^bash -c ' -e '^grep ' -e '^\\['";

export async function inventoryOf(host: LabHost): Promise<Inventory> {
  const lines = async (script: string) => (await host.must(script)).split("\n").filter(Boolean).sort();
  return {
    containers: await lines("docker ps --all --no-trunc --format '{{.ID}} {{.Names}} {{.State}}'"),
    networks: await lines("docker network ls --no-trunc --format '{{.ID}} {{.Name}}'"),
    volumes: await lines("docker volume ls --format '{{.Name}}'"),
    images: await lines("docker images --all --no-trunc --format '{{.ID}}'"),
    files: await lines(FILES),
    processes: await lines(PROCESSES),
  };
}

/** The command lines that run on a host, once none of them is an SSH session any more: those end a moment after their client. */
export async function settled(host: LabHost): Promise<Inventory> {
  return Deadline.in(10).until(
    async () => {
      const inventory = await inventoryOf(host);
      return inventory.processes.some((line) => line.startsWith("sshd-session:")) ? undefined : inventory;
    },
    () => new Error(`${host.name}: SSH sessions stay open`),
  );
}
