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
/** Below the addresses of the lab's hosts (the nth host has 10 + n), a few for each lane. */
const KEPT_EACH = 4;

/**
 * Servers as machines of the lab, booted from their user data. A machine is named `<prefix>-<server>`, so that tests that run in
 * parallel do not collide; `bootedHost(machineOf(prefix, "web-1"))` gives access to it.
 *
 * @param prefix @example hostFor("hz") // "hz-1"
 */
export function labMachines(prefix: string): Machines {
  /** Additional addresses, which a machine loses at a power cycle. */
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
      if (network === undefined) throw new Error("the lab is not running, so no address of its network can be reserved");
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
  if (outer === undefined || there === undefined) throw new Error(`the machine ${machine} does not exist`);
  return { outer, container: outer.getContainer(there.id) };
}

/** Runs a command on the machine as root, bypassing SSH. */
async function must(machine: string, argv: readonly string[]): Promise<void> {
  const { outer, container } = await found(machine);
  const exec = await container.exec({ Cmd: [...argv], AttachStdout: true, AttachStderr: true });
  // Nothing is sent on it, and an open stream would keep the process from ending.
  (await exec.start({ Detach: true })).destroy();
  const code = await Deadline.in(COMMAND_TIMEOUT).until(
    async () => {
      const { Running, ExitCode } = await outer.getExec(exec.id).inspect();
      return Running ? undefined : (ExitCode ?? undefined);
    },
    () => new Error(`${machine}: ${argv.join(" ")}: did not end within ${COMMAND_TIMEOUT} s`),
  );
  if (code !== 0) throw new Error(`${machine}: ${argv.join(" ")}: exit code ${code}`);
}
