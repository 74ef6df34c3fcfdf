import { prefixOf } from "../../core/names.ts";
import { canonical } from "../../core/values.ts";
import type { Fleet } from "./fleet.ts";
import { containersOf, isRouted, routeOf } from "./live.ts";
import { type Place, places } from "./places.ts";
import { isTakenOut } from "./taken-out.ts";
import type { UndoLog } from "./undo-log.ts";
import type { Work } from "./work.ts";

/**
 * Notes what an earlier attempt of this run has done and could not revert, because its connection was lost. A switch that happened is in
 * no later plan; but if this attempt fails, it has to go back with the rest.
 */
export function resumeUndo(work: Work): void {
  const { undo, before: now } = work;
  const first = places(work.inputs).filter(({ replica, track }) => replica === 1 && track === "release");
  for (const place of first.filter(({ host }) => undo.before[host]?.kind === "reached")) {
    noteSwitch(work, undo, now, place);
    if (place.spec.strategy === "stop-first") noteOutage(work, undo, now, place);
  }
}

function noteSwitch(work: Work, undo: UndoLog, now: Fleet, { slot, host, role, spec }: Place): void {
  const { inputs } = work;
  const [then, found] = [routeOf(undo.before[host], role), routeOf(now[host], role)];
  if (spec.proxy === undefined || found === undefined || canonical(then?.targets) === canonical(found.targets)) return;
  undo.earlier.push({ do: "switch", host, role, route: prefixOf(inputs, role), to: [], from: [], because: "release" });
  const own = places(inputs).filter((place) => place.slot === slot && place.track === "release");
  for (const container of containersOf(now[host], role).filter((one) => isRouted(found, one))) {
    const place = own.find(({ release, replica }) => release === container.release && replica === container.replica);
    if (place !== undefined) undo.started.push({ place, host: work.on(host), id: container.id, name: container.name });
  }
}

function noteOutage({ inputs }: Work, undo: UndoLog, now: Fleet, { host, role, spec, release }: Place): void {
  const stopped = new Set(containersOf(now[host], role).flatMap(({ id, running }) => (running ? [] : [id])));
  const ran = containersOf(undo.before[host], role).filter((one) => one.running && !isTakenOut(one) && one.release !== release);
  const at = { host, role };
  for (const { id, name } of ran.filter((one) => stopped.has(one.id)))
    undo.stopped.push({ do: "stop-before", ...at, container: name, id, grace: spec.stopTimeout });
  const wasPaused = routeOf(undo.before[host], role)?.state.kind === "paused";
  if (routeOf(now[host], role)?.state.kind === "paused" && !wasPaused)
    undo.paused.push({ do: "pause", ...at, route: prefixOf(inputs, role) });
}
