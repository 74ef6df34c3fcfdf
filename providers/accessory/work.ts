import type { Seconds } from "../../core/words.ts";
import type { Host } from "../../hosts/index.ts";
import type { Run } from "../pulumi/provider.ts";
import type { FoundContainer } from "./found.ts";
import type { AccessoryInputs, AccessoryState } from "./inputs.ts";

/** How long nothing served, however often the connection was lost meanwhile. */
export class Gap {
  #began: number | undefined;
  #seconds: Seconds | undefined;

  begin(): void {
    this.#began ??= performance.now();
  }

  end(): void {
    if (this.#began !== undefined) this.#seconds ??= (performance.now() - this.#began) / 1000;
  }

  /** Until now, where it has not ended; `undefined` where there was none. */
  get soFar(): Seconds | undefined {
    if (this.#began === undefined) return undefined;
    return this.#seconds ?? (performance.now() - this.#began) / 1000;
  }
}

/** What a run learns of an accessory while it changes it. */
export interface Learned {
  digest: string;
  folder: string;
}

/** What all steps of one run share. */
export interface Work {
  readonly inputs: AccessoryInputs;
  /** Of this machine, from before. */
  readonly state: AccessoryState | undefined;
  readonly host: Host;
  readonly run: Run;
  readonly gap: Gap;
  readonly learned: Learned;
  /** The container that served when the run began. */
  readonly old: FoundContainer | undefined;
}
