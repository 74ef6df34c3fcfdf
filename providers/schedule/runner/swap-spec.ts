/** What a container that swaps data needs to know, in a file in it; written by the command of the same version, so its shape is not checked here. */
export interface SwapSpec {
  /** The id of the container whose data is swapped. */
  readonly container: string;
  /** Seconds between its stop signal and SIGKILL. */
  readonly grace: number;
  readonly data: SwappedData;
  /** How its server says that it is ready: a command in it. Absent: it runs. */
  readonly ready?: { readonly command: readonly string[]; readonly timeout: number };
}

export type SwappedData =
  /** The data folder of Redis or Valkey; the snapshot is in it as `.restore-<stamp>`. */
  | { readonly kind: "redis"; readonly folder: string; readonly stamp: string }
  /** Three folders with one folder for each volume: what it has, where that goes, and what it gets. */
  | { readonly kind: "files"; readonly folder: string; readonly aside: string; readonly stage: string };
