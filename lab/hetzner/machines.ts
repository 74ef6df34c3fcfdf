import type { Seconds } from "../../core/words.ts";

/** A machine to boot. */
export interface MachineOrder {
  /** The server's name at the provider. */
  readonly name: string;
  /** Public SSH keys to authorize for root: `ssh-ed25519 AAAA…`. */
  readonly authorizedKeys: readonly string[];
  /** cloud-init's user data, unchanged. */
  readonly userData: string;
  /** An address reserved by `reserve`. */
  readonly address?: string;
  /** Delay of sshd. */
  readonly sshDelay: Seconds;
}

/** The machines behind the provider's servers. */
export interface Machines {
  /** Returns the address as soon as it is known; the machine may still be booting. */
  boot(order: MachineOrder): Promise<{ readonly address: string }>;
  remove(name: string): Promise<void>;
  /** Cuts or restores the power of the machine. */
  power?(name: string, state: "on" | "off"): Promise<void>;
  /** Reserves an address for a future machine. */
  reserve?(): Promise<string>;
  /** Adds an address in a private network. @param range the network's, `10.0.0.0/16` */
  attach?(name: string, ip: string, range: string): Promise<void>;
  detach?(name: string, ip: string, range: string): Promise<void>;
}

/** Machines that are only addresses, for tests of the API. */
export function imaginaryMachines(): Machines {
  let last = 9;
  const next = () => `192.0.2.${++last}`;
  return {
    boot: async ({ address = next() }) => ({ address }),
    remove: async () => {},
    reserve: async () => next(),
  };
}
