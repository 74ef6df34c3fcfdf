import type { Bytes, Seconds } from "../../../../core/words.ts";
import type { Address } from "../../../../hosts/index.ts";
import type { LabHost } from "../../../../lab/host.ts";
import type { Lab } from "../../../../lab/lab.ts";
import type { FaultName } from "../fault.ts";
import type { ProviderName } from "../message.ts";

/** Inputs of a provider, as a program declares them. */
export type Declared = Readonly<Record<string, unknown>>;

/** Where a change is made. */
export interface Scene {
  readonly lab: Lab;
  readonly host: LabHost;
  /** As the run reaches it. */
  readonly address: Address;
}

/** A change on a given host. Without a declaration, the resource is removed. */
export interface Play {
  readonly before: Declared | undefined;
  /** Of the run that meets the fault. */
  readonly attempt: Declared | undefined;
  /** Of the runs after it. */
  readonly after: Declared | undefined;
  /** How the attempt ends without a fault. Default: `done`. */
  readonly ends?: "refused";
  /** The attempt may keep everybody out until the host takes it back, so the next run is tried for that long. */
  readonly opensWithin?: Seconds;
  /** On a host that was reset: what is there and is not the provider's. */
  readonly lay: () => Promise<void>;
  /** After the way back: takes away what the provider leaves on purpose. */
  readonly clear?: () => Promise<void>;
  /** What is not as declared then, in words, by other means than the provider's. */
  readonly problems: (when: "before" | "after") => Promise<string[]>;
  /** What users of the host ask all the while, and must get. */
  readonly users?: { readonly path: string; readonly site?: string; readonly gap?: true };
}

/** One change of one provider. */
export interface Change {
  readonly name: string;
  readonly says: string;
  readonly faults: readonly FaultName[];
  readonly provider: ProviderName;
  /** A host with Docker and with a disk of its own, or a server as one rents it. */
  readonly machine: { readonly disk: Bytes } | "bare";
  readonly play: (scene: Scene) => Promise<Play>;
}
