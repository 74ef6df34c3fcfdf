import { isOlder } from "../../core/version.ts";
import { DRIFT, type DriftMark } from "../steps/drift.ts";
import type { DockerEngineInputs, FoundDocker, Settings } from "./inputs.ts";
import { differing, firstSettings, isReloadable, wantedStore } from "./settings.ts";

/** When settings take effect. With `install` and `start`, Docker does not run yet. */
type Effect = "install" | "start" | "reload" | "restart";

/** What settings cannot be with: containers in the other store, or a Swarm. */
export type Obstacle = "store" | "swarm";

/** One change to the Docker of one host. */
export type DockerOperation =
  /** Docker is missing and must not be installed. */
  | { do: "give up" }
  /** The declared settings cannot be with what is there. */
  | { do: "refuse"; because: Obstacle; containers: number }
  /** `stops`: how many containers do not survive it. `isThere`: the file has them, and Docker does not follow. */
  | { do: "set"; settings: Settings; by: Effect; stops: number; isThere?: true }
  | { do: "install" }
  | { do: "upgrade"; was: string; stops: number }
  | { do: "start" }
  | { do: "admit"; user: string };

/** What to do, in order, so that Docker runs as declared. Nothing is ever downgraded. */
export function planDocker(wanted: DockerEngineInputs, found: FoundDocker): DockerOperation[] {
  switch (found.kind) {
    case "unreachable":
      return [];
    case "missing":
      return wanted.install ? installation(wanted) : [{ do: "give up" }];
    case "forbidden":
      return admission(wanted);
    case "stopped":
      return [...setting(differing(withoutStore(wanted.settings), found.settings), "start"), { do: "start" }];
    case "present":
      return [...upgrade(wanted, found), ...change(wanted, found)];
  }
}

/** Settings first: Docker has them from its first start on, and a run that dies in between leaves none out. */
const installation = (wanted: DockerEngineInputs): DockerOperation[] => [
  ...setting(firstSettings(wanted.settings), "install"),
  { do: "install" },
  ...admission(wanted),
];

const admission = ({ host: { user } }: DockerEngineInputs): DockerOperation[] => (user === "root" ? [] : [{ do: "admit", user }]);

type Running = Extract<FoundDocker, { kind: "present" }>;

function upgrade({ version }: DockerEngineInputs, found: Running): DockerOperation[] {
  if (version === undefined || !isOlder(found.version, version)) return [];
  return [{ do: "upgrade", was: found.version, stops: found.liveRestore ? 0 : (found.running ?? 0) }];
}

/** Whether it replaces a store can only be asked of a Docker that runs. */
function withoutStore(settings: Settings): Settings {
  if (wantedStore(settings) === undefined) return settings;
  const { features: _features, ...others } = settings;
  return others;
}

function change({ settings }: DockerEngineInputs, found: Running): DockerOperation[] {
  const store = wantedStore(settings);
  const replaces = store !== undefined && found.store !== undefined && store !== found.store;
  const { containers = 0, swarm = false } = found;
  if (replaces && containers > 0) return [{ do: "refuse", because: "store", containers }];
  if (swarm && settings["live-restore"] === true) return [{ do: "refuse", because: "swarm", containers }];
  const other = differing(settings, found.settings);
  const idle = Object.fromEntries(
    Object.entries(settings).filter(([key]) => !Object.hasOwn(other, key) && found.idle?.includes(key) === true),
  );
  const isReload = (keys: readonly string[]) => isReloadable(keys) && !(replaces && keys.includes("features"));
  const liveRestore = settings["live-restore"] ?? found.liveRestore;
  const stops = liveRestore === true ? 0 : (found.running ?? 0);
  const how = (part: Settings) => (isReload(Object.keys(part)) ? setting(part, "reload") : setting(part, "restart", stops));
  return [...how(other), ...how(idle).map((operation) => ({ ...operation, isThere: true as const }))];
}

const setting = (settings: Settings, by: Effect, stops = 0): Extract<DockerOperation, { do: "set" }>[] =>
  Object.keys(settings).length === 0 ? [] : [{ do: "set", settings, by, stops }];

export function describeDocker(operation: DockerOperation, wanted: DockerEngineInputs, drift: DriftMark = DRIFT): string {
  switch (operation.do) {
    case "give up":
      return "Docker is missing, and slipway:docker.install is false";
    case "refuse":
      return `${REFUSED[operation.because](operation.containers)}; the run stops before it changes anything`;
    case "set":
      if (operation.isThere)
        return `put ${names(operation.settings)} in force, which daemon.json has already${drift}${EFFECT[operation.by]}${stopping(operation.stops)}`;
      return `set ${names(operation.settings)} in daemon.json${EFFECT[operation.by]}${stopping(operation.stops)}`;
    case "install":
      return `install Docker${which(wanted)}`;
    case "upgrade":
      return `Docker ${operation.was} found, ${wanted.version} wanted: upgrade${stopping(operation.stops)}`;
    case "start":
      return `start Docker, found stopped${drift}   was down`;
    case "admit":
      return `add ${operation.user} to the group docker`;
  }
}

export const REFUSED: Readonly<Record<Obstacle, (containers: number) => string>> = {
  store: (containers) =>
    `features.containerd-snapshotter would take ${containers === 1 ? "the container" : `all ${containers} containers`} and every image away from Docker`,
  swarm: () => "live-restore keeps Docker from starting on a node of a Swarm",
};

/** Never their values, which may be secret. */
const names = (settings: Settings): string => Object.keys(settings).sort().join(", ");

const EFFECT = { install: "", start: "", reload: " · reload Docker", restart: " · restart Docker" } as const;

/** A restart that stops containers starts them again if their restart policy says so; ours does. */
const stopping = (containers: number): string =>
  containers === 0 ? "" : `: ${containers} ${containers === 1 ? "container stops" : "containers stop"} for a few seconds`;

function which({ version, source, mirror }: DockerEngineInputs): string {
  const from = { docker: mirror ?? "Docker's own repository", distribution: "the distribution's packages" };
  const chosen = source ?? (version !== undefined || mirror !== undefined ? "docker" : undefined);
  return `${version === undefined ? "" : ` ${version}`}${chosen === undefined ? "" : ` from ${from[chosen]}`}`;
}

/** Before the host was observed, as in a first preview. */
export const describeUnseen = (wanted: DockerEngineInputs): string => {
  const keys = names(wanted.settings);
  return [
    ...(wanted.patience > 0 ? [`wait for the new machine (≤ ${wanted.patience} s)`] : []),
    wanted.install
      ? `install Docker${which(wanted)} if it is missing${wanted.version === undefined ? "" : " or older"}`
      : "check for Docker",
    ...(keys === "" ? [] : [`set ${keys} in daemon.json if different`]),
  ].join(" · ");
};
