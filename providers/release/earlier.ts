import { canonical } from "../../core/hash.ts";
import { hostOf } from "./crew.ts";
import { containersOf, type Fleet, isRouted, routeOf } from "./fleet.ts";
import { type Place, places, prefixOf } from "./inputs.ts";
import type { Swap } from "./swap.ts";
import type { Work } from "./work.ts";

/**
 * Notes what an earlier attempt of this run has done, and could not take back because its connection was lost. Where that was a
 * switch, it is in no plan any more; but if this attempt fails, it has to go back with the rest.
 */
export function noteEarlier(work: Work, swap: Swap, now: Fleet): void {
  const first = places(work.inputs).filter(({ replica, track }) => replica === 1 && track === "release");
  for (const place of first.filter(({ host }) => swap.before[host]?.reach === "reached")) {
    noteSwitch(work, swap, now, place);
    if (place.spec.strategy === "stop-first") noteOutage(work, swap, now, place);
  }
}

function noteSwitch({ inputs, crew }: Work, swap: Swap, now: Fleet, { slot, host, role, spec }: Place): void {
  const [then, found] = [routeOf(swap.before[host], role), routeOf(now[host], role)];
  if (spec.proxy === undefined || found === undefined || canonical(then?.targets) === canonical(found.targets)) return;
  swap.earlier.push({ do: "switch", host, role, route: prefixOf(inputs, role), to: [], from: [], because: "release" });
  const own = places(inputs).filter((place) => place.slot === slot && place.track === "release");
  for (const container of containersOf(now[host], role).filter((one) => isRouted(found, one))) {
    const place = own.find(({ release, replica }) => release === container.release && replica === container.replica);
    if (place !== undefined) swap.started.push({ place, host: hostOf(crew, host), id: container.id, name: container.name });
  }
}

function noteOutage({ inputs }: Work, swap: Swap, now: Fleet, { host, role, spec, release }: Place): void {
  const stopped = new Set(containersOf(now[host], role).flatMap(({ id, running }) => (running ? [] : [id])));
  const ran = containersOf(swap.before[host], role).filter((one) => one.running && one.release !== release);
  const at = { host, role };
  for (const { id, name } of ran.filter((one) => stopped.has(one.id)))
    swap.halted.push({ do: "halt", ...at, container: name, id, grace: spec.stopTimeout });
  const wasPaused = routeOf(swap.before[host], role)?.state.kind === "paused";
  if (routeOf(now[host], role)?.state.kind === "paused" && !wasPaused)
    swap.held.push({ do: "hold", ...at, route: prefixOf(inputs, role) });
}
