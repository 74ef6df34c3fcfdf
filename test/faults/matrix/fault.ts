import type { LabHost } from "../../../lab/host.ts";
import type { Relay } from "../../../lab/relay.ts";
import type { ChildRun } from "./child-run.ts";
import type { Point } from "./point.ts";

/** What a fault can get hold of. */
export interface Scene {
  /** The host of the point, and the run's only way to it. */
  readonly host: LabHost;
  readonly relay: Relay;
  readonly run: ChildRun;
  /** `host:port` */
  readonly registry: string;
}

/** One way in which the world breaks during a run. */
export interface Fault {
  readonly name: FaultName;
  /** What happens, for the head of the table. */
  readonly happens: string;
  /** The host itself is out for a while, so requests to it fail whatever a release does. */
  readonly outage: boolean;
  /** Whether it can make a difference there. */
  readonly concerns: (point: Point) => boolean;
  /** At the point; the run goes on when it settles. */
  readonly strike: (scene: Scene) => Promise<void>;
  /** Whether the world gets well while the run goes on, or only when it has ended. */
  readonly heals: "meanwhile" | "afterwards";
  readonly heal: (scene: Omit<Scene, "run">) => Promise<void>;
}

export type FaultName = "kill" | "cut" | "disk" | "registry" | "dockerd" | "reboot";

const everywhere = (): boolean => true;
/** What takes seconds to strike cannot be aimed at the middle of a call. */
const atRest = ({ moment }: Point): boolean => moment !== "during";
const nothing = async (): Promise<void> => {};

export const FAULTS: readonly Fault[] = [
  {
    name: "kill",
    happens: "`kill -9` of the run",
    outage: false,
    concerns: everywhere,
    strike: ({ run }) => run.kill(),
    heals: "meanwhile",
    heal: nothing,
  },
  {
    name: "cut",
    happens: "all SSH connections to the host are reset; new ones are taken",
    outage: false,
    concerns: everywhere,
    strike: async ({ relay }) => relay.cut(),
    heals: "meanwhile",
    heal: nothing,
  },
  {
    name: "disk",
    happens: "the host's disk is full to the last byte until the run has ended",
    outage: false,
    concerns: atRest,
    strike: ({ host }) => host.fillDisk(),
    heals: "afterwards",
    heal: ({ host }) => host.freeDisk(),
  },
  {
    name: "registry",
    happens: "the registry takes the host's connections and never says a word, until the run has ended",
    outage: false,
    concerns: ({ call, moment }) => call === "pull" && moment === "before",
    strike: ({ host, registry }) => host.hangRegistry(registry),
    heals: "afterwards",
    heal: ({ host, registry }) => host.answerRegistry(registry),
  },
  {
    name: "dockerd",
    happens: "the host's Docker stops, with all its containers, and is started again while the run goes on",
    outage: true,
    concerns: atRest,
    strike: ({ host }) => host.stopDocker(),
    heals: "meanwhile",
    heal: ({ host }) => host.startDocker(),
  },
  {
    name: "reboot",
    happens: "the host loses its power and boots again while the run goes on",
    outage: true,
    concerns: atRest,
    strike: ({ host }) => host.cutPower(),
    heals: "meanwhile",
    heal: ({ host }) => host.ready(),
  },
];

export function faultNamed(name: string): Fault {
  const found = FAULTS.find((fault) => fault.name === name);
  if (found === undefined) throw new Error(`no fault ${name}: it is one of ${FAULTS.map((fault) => fault.name).join(", ")}`);
  return found;
}
