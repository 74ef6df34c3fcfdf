import type Dockerode from "dockerode";
import { Deadline } from "../../core/deadline.ts";
import type { Seconds } from "../../core/words.ts";
import { bootMachine, removeBooted } from "../cloud-init.ts";
import { findEngine } from "../engine.ts";
import { LANE } from "../lane.ts";
import { listMachines } from "../machine.ts";
import { findNetwork } from "../network.ts";
import { parseRange } from "./ip-range.ts";
import type { Machines } from "./machines.ts";

const COMMAND_TIMEOUT: Seconds = 10;
/** Below the addresses of the lab's hosts, some for each lane: the nth host has 10 + n. */
const KEPT_EACH = 4;

/**
 * Servers as machines of the lab, booted from their user data. A machine is called `<prefix>-<server>`, so that those of tests which
 * run side by side do not meet, and `bootedHost(machineOf(prefix, "web-1"))` looks at it.
 *
 * @param prefix @example hostFor("hz") // "hz-1"
 */
export function labMachines(prefix: string): Machines {
  /** Addresses beside its own, which a machine has lost when its power comes back. */
  const extra = new Map<string, Set<string>>();
  let reserved = 0;
  const add = async (name: string, range: string): Promise<void> => {
    extra.set(name, (extra.get(name) ?? new Set()).add(range));
    await must(machineOf(prefix, name), ["ip", "address", "replace", range, "dev", "eth0"]);
  };
  return {
    boot: async ({ name, userData, authorizedKeys, sshDelay, address: wanted }) => {
      extra.delete(name);
      const { address } = await bootMachine(machineOf(prefix, name), userData, { authorizedKeys, sshDelay });
      if (wanted !== undefined) await add(name, `${wanted}/24`);
      return { address: wanted ?? address };
    },
    remove: (name) => removeBooted(machineOf(prefix, name)),
    power: async (name, state) => {
      const { container } = await found(machineOf(prefix, name));
      const { State } = await container.inspect();
      if (State.Running === (state === "on")) return;
      if (state === "off") return container.stop({ t: 1 });
      await container.start();
      for (const range of extra.get(name) ?? []) await add(name, range);
    },
    reserve: async () => {
      const outer = await findEngine();
      const network = outer && (await findNetwork(outer));
      if (network === undefined) throw new Error("the lab is not up, so that no address of its network can be kept");
      const place = 2 + (LANE - 1) * KEPT_EACH + (reserved++ % KEPT_EACH);
      return network.address(place - 10);
    },
    attach: (name, ip, range) => add(name, `${ip}/${parseRange(range)?.bits ?? 32}`),
    detach: async (name, ip, range) => {
      const gone = `${ip}/${parseRange(range)?.bits ?? 32}`;
      extra.get(name)?.delete(gone);
      await must(machineOf(prefix, name), ["ip", "address", "delete", gone, "dev", "eth0"]);
    },
  };
}

/** The lab's name for the machine behind a server. */
export const machineOf = (prefix: string, server: string): string => `${prefix}-${server}`;

async function found(machine: string): Promise<{ outer: Dockerode; container: Dockerode.Container }> {
  const outer = await findEngine();
  const there = outer && (await listMachines(outer)).find(({ name }) => name === machine);
  if (outer === undefined || there === undefined) throw new Error(`there is no machine ${machine}`);
  return { outer, container: outer.getContainer(there.id) };
}

/** Runs a command on the machine as root, around SSH. */
async function must(machine: string, argv: readonly string[]): Promise<void> {
  const { outer, container } = await found(machine);
  const exec = await container.exec({ Cmd: [...argv], AttachStdout: true, AttachStderr: true });
  // Nothing comes on it, and open it would keep the process from ending.
  (await exec.start({ Detach: true })).destroy();
  const code = await Deadline.in(COMMAND_TIMEOUT).until(
    async () => {
      const { Running, ExitCode } = await outer.getExec(exec.id).inspect();
      return Running ? undefined : (ExitCode ?? undefined);
    },
    () => new Error(`${machine}: ${argv.join(" ")}: no end in ${COMMAND_TIMEOUT} s`),
  );
  if (code !== 0) throw new Error(`${machine}: ${argv.join(" ")}: exit code ${code}`);
}
