import type { HostName } from "../../core/words.ts";
import type { HetznerMachine } from "./hetzner-machine.ts";

/** A machine that the config names. */
export type Host = ExistingHost | MadeHost;

/** A machine that exists, or that the program creates. */
export interface ExistingHost {
  readonly name: HostName;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** The host key that it must present: `ssh-ed25519 AAAA…`. */
  readonly hostKey?: string;
  readonly madeAt?: undefined;
}

/** A machine that this stack creates: its address and key are known only then. */
export interface MadeHost {
  readonly name: HostName;
  readonly port: number;
  readonly user: string;
  readonly madeAt: "hetzner";
  readonly machine: HetznerMachine;
}
