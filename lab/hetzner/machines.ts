import type { Seconds } from "../../core/words.ts";

/** A machine that Hetzner is asked for. */
export interface MachineOrder {
  /** The server's name at the provider. */
  readonly name: string;
  /** Public halves of the SSH keys that root is to accept: `ssh-ed25519 AAAA…`. */
  readonly authorizedKeys: readonly string[];
  /** cloud-init's user data, as it was given. */
  readonly userData: string;
  /** An address kept for it by `reserve`. */
  readonly address?: string;
  /** sshd comes up so much later. */
  readonly sshDelay: Seconds;
}

/** The machines behind the provider's servers. */
export interface Machines {
  /** Gives the address as soon as it is known; the machine may still boot. */
  boot(order: MachineOrder): Promise<{ readonly address: string }>;
  remove(name: string): Promise<void>;
  /** The machine's power is cut, or comes back. */
  power?(name: string, state: "on" | "off"): Promise<void>;
  /** An address for a machine that is yet to come. */
  reserve?(): Promise<string>;
  /** Gives the machine an address in a private network. @param range the network's, `10.0.0.0/16` */
  attach?(name: string, ip: string, range: string): Promise<void>;
  detach?(name: string, ip: string, range: string): Promise<void>;
}

/** Machines that are only addresses, for tests of the API alone. */
export function imaginaryMachines(): Machines {
  let last = 9;
  const next = () => `192.0.2.${++last}`;
  return {
    boot: async ({ address = next() }) => ({ address }),
    remove: async () => {},
    reserve: async () => next(),
  };
}
