import type { Seconds } from "../../core/words.ts";
import type { Host } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import type { FoundContainer, FoundRival } from "./found.ts";
import type { AccessoryInputs, AccessoryState } from "./inputs.ts";

/** How long nothing served, across lost connections. */
export class Gap {
  #began: number | undefined;
  #seconds: Seconds | undefined;

  begin(): void {
    this.#began ??= performance.now();
  }

  end(): void {
    if (this.#began !== undefined) this.#seconds ??= (performance.now() - this.#began) / 1000;
  }

  /** Up to now if it has not ended; `undefined` if there was none. */
  get soFar(): Seconds | undefined {
    if (this.#began === undefined) return undefined;
    return this.#seconds ?? (performance.now() - this.#began) / 1000;
  }
}

/** What a run finds out while it changes an accessory. */
export interface Learned {
  digest: string;
  folder: string;
}

/** What all steps of one run share. */
export interface Work {
  readonly inputs: AccessoryInputs;
  /** From before this run, if it is of this machine. */
  readonly state: AccessoryState | undefined;
  readonly host: Host;
  readonly run: Run;
  readonly gap: Gap;
  readonly learned: Learned;
  /** The container that served when the run began. */
  readonly old: FoundContainer | undefined;
  /** Containers of this stack that wrote to the same data when the run began. */
  readonly rivals: readonly FoundRival[];
}
