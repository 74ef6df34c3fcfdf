import { Deadline } from "../core/deadline.ts";
import type { Seconds } from "../core/words.ts";
import { startBare } from "./bare.ts";
import type { Entry } from "./bundle.ts";
import { seedOf } from "./cloud-seed.ts";
import { findEngine } from "./engine.ts";
import { startGround } from "./ground.ts";
import { LabHost } from "./host.ts";
import { proxyArchive } from "./lab.ts";
import { alone } from "./lock.ts";
import { listMachines, type Machine, type MachineKind, removeMachine, renewMachine } from "./machine.ts";

const HOST_KEY_TIMEOUT: Seconds = 20;

/** What a provider adds to the user data, and faults. */
export interface BootOptions {
  /** Public keys that the provider authorizes for root. */
  readonly authorizedKeys?: readonly string[];
  /** How long cloud-init takes before its last stage, which installs packages and runs commands. Default 0.5. */
  readonly pause?: Seconds;
  /** Delay of sshd at every boot. */
  readonly sshDelay?: Seconds;
  /** At every boot no key is accepted for that long. */
  readonly keyDelay?: Seconds;
}

/**
 * Creates a machine as a cloud provider does: Debian without Docker, with root only, whose cloud-init applies the user data. It is
 * booting when this returns. A machine of the same name is removed first. `removeBooted` removes it.
 *
 * @param userData `#cloud-config`, or a script, or ""
 * @example const { address } = await bootMachine("web-1", "#cloud-config\nruncmd: [[touch, /done]]\n", { authorizedKeys: [key] })
 */
export function bootMachine(name: string, userData: string, options: BootOptions = {}): Promise<Machine> {
  const seed = seedOf(userData, options.authorizedKeys ?? []);
  return alone(async () => {
    const ground = await startGround();
    const { image, sources } = await startBare(ground);
    const kind: MachineKind = { image, keys: "own", files: [...sources, ...seed, ...faults(options)] };
    const { network, registry } = ground;
    return renewMachine(ground.outer, { name, kind, network, registry: registry.server, ca: registry.ca });
  });
}

const faults = ({ pause = 0.5, sshDelay = 0, keyDelay = 0 }: BootOptions): Entry[] =>
  Object.entries({ "cloud-init-delay": pause, "ssh-delay": sshDelay, "key-delay": keyDelay }).map(([name, seconds]) => ({
    name: `lab/faults/${name}`,
    mode: 0o644,
    content: String(seconds),
  }));

/** Removes a machine with its disk; no-op if it is missing. */
export function removeBooted(name: string): Promise<void> {
  return alone(async () => {
    const outer = await findEngine();
    if (outer === undefined) return;
    const machine = (await listMachines(outer)).find((each) => each.name === name);
    if (machine !== undefined) await removeMachine(outer, machine);
  });
}

/** A booted machine for tests, as soon as cloud-init has created its SSH host key. It cannot be reset. */
export async function bootedHost(name: string): Promise<LabHost> {
  const outer = await findEngine();
  const machine = outer && (await listMachines(outer)).find((each) => each.name === name);
  if (outer === undefined || machine === undefined) throw new Error(`the machine ${name} has not been booted`);
  const identity = { name, address: machine.address, container: machine.id };
  const renew = () => Promise.reject(new Error(`${name} was booted from its user data: remove it and boot it again`));
  // only the machine itself knows its host key
  const stranger = new LabHost(outer, { ...identity, hostKey: "" }, { proxyArchive, renew });
  const hostKey = await Deadline.in(HOST_KEY_TIMEOUT).until(
    async () => /^\S+ \S+/.exec((await stranger.sh("cat /etc/ssh/ssh_host_ed25519_key.pub")).stdout)?.[0],
    () => new Error(`${name}: cloud-init created no SSH host key; see /var/log/cloud-init-output.log on it`),
  );
  return new LabHost(outer, { ...identity, hostKey }, { proxyArchive, renew });
}
