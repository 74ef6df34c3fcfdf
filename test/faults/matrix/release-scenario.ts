import type { FaultName } from "./fault.ts";

/** What kind of app is released, beside its hosts and its image. */
export interface ReleaseScenario {
  readonly name: string;
  /** For the head of the table. */
  readonly says: string;
  /** Those that strike in the whole matrix; the others can be asked for by `--only`. */
  readonly faults: readonly FaultName[];
  /** Root keys of the config. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Keys of the two roles. */
  readonly web: Readonly<Record<string, unknown>>;
  readonly worker: Readonly<Record<string, unknown>>;
}

/** Where the images have files that both versions must be able to serve. */
export const ASSETS = "/assets";

export const RELEASES: readonly ReleaseScenario[] = [
  {
    name: "plain",
    says: "all hosts at once, nothing but an image",
    faults: ["kill", "cut", "disk", "registry", "dockerd", "reboot"],
    config: {},
    web: {},
    worker: {},
  },
  {
    name: "full",
    says: "a release command, one host after the other, two containers of `web` on each host, assets of both versions, a watch after the switch, and a `worker` that stops before its successor starts",
    // Three times as many points: with the faults that take the host down, too, the matrix would take hours.
    faults: ["kill", "cut"],
    config: { release: "/app migrate", boot: { limit: 1 }, asset_path: ASSETS, watch: 1 },
    web: { replicas: 2 },
    worker: { strategy: "stop-first" },
  },
];
