import type { HostName } from "../../core/words.ts";
import { assetVolume } from "./container.ts";
import type { Fleet, FoundHost } from "./fleet.ts";
import type { ReleaseInputs } from "./inputs.ts";
import type { Operation } from "./operation.ts";
import { type Place, places } from "./places.ts";
import { isNamedIn } from "./route-files.ts";

type Reached = Extract<FoundHost, { kind: "reached" }>;

const reachedHosts = (fleet: Fleet): [HostName, Reached][] =>
  Object.entries(fleet).flatMap(([host, found]): [HostName, Reached][] => (found.kind === "reached" ? [[host, found]] : []));

/** Ids of the containers that a plan removes from a host. */
export const removedBy = (changes: readonly Operation[], host: HostName): ReadonlySet<string> =>
  new Set(
    changes.flatMap((operation) =>
      (operation.do === "remove" || operation.do === "remove-leftover") && operation.host === host ? [operation.id] : [],
    ),
  );

/** Volumes for the assets of what starts, where they do not exist yet. */
export function planVolumes(wanted: ReleaseInputs, fleet: Fleet, changes: readonly Operation[]): Operation[] {
  const starting = places(wanted).filter(({ spec, ...place }) => spec.assets !== undefined && starts(wanted, place, changes));
  const volumes = new Map(starting.map((place) => [`${place.host}/${assetVolume(wanted, place)}`, place]));
  return [...volumes.values()].flatMap((place): Operation[] => {
    const volume = assetVolume(wanted, place);
    const found = fleet[place.host];
    const exists = found?.kind === "reached" && volumesOn(found).has(volume);
    return exists ? [] : [{ do: "create-volume", host: place.host, volume }];
  });
}

/** A release command runs in the container of its role. */
const starts = (wanted: ReleaseInputs, place: Omit<Place, "spec">, changes: readonly Operation[]): boolean =>
  changes.some((operation) => {
    if (operation.host !== place.host) return false;
    if (operation.do === "start") return operation.container === place.container;
    const track = "release" in operation && operation.release === wanted.release ? "release" : "canary";
    return operation.do === "run-command" && place.role === wanted.releaseCommand?.role && place.track === track;
  });

const mountersOn = ({ containers, commands }: Reached): { id: string; assets?: string | undefined }[] => [
  ...containers,
  ...commands,
];

const volumesOn = (found: Reached): Set<string> =>
  new Set([...found.assets, ...mountersOn(found).flatMap(({ assets }) => (assets === undefined ? [] : [assets]))]);

/** Volumes of assets that no container has when the plan is carried out. */
export function planVolumeRemovals(wanted: ReleaseInputs, fleet: Fleet, changes: readonly Operation[]): Operation[] {
  const own = new Set(places(wanted).map((place) => `${place.host}/${assetVolume(wanted, place)}`));
  return reachedHosts(fleet).flatMap(([host, found]) => {
    const removed = removedBy(changes, host);
    const kept = new Set(mountersOn(found).flatMap(({ id, assets }) => (removed.has(id) ? [] : [assets])));
    return [...volumesOn(found)]
      .filter((volume) => !kept.has(volume) && !own.has(`${host}/${volume}`))
      .sort()
      .map((volume): Operation => {
        const because = found.assets.includes(volume) ? "leftover" : "freed";
        return { do: "remove-volume", host, volume, because };
      });
  });
}

/** Certificates and error pages that no route names when the plan is carried out. A release that comes back brings its files again. */
export const planFileRemovals = (wanted: ReleaseInputs, fleet: Fleet): Operation[] =>
  reachedHosts(fleet).flatMap(([host, found]) =>
    found.proxyFiles
      .filter((folder) => !(folder in wanted.proxyFiles))
      .map((folder): Operation => {
        const because = found.routes.some(({ options }) => isNamedIn(options, folder)) ? "freed" : "leftover";
        return { do: "remove-files", host, folder, because };
      }),
  );
