import type { HostName, RoleName, Slot } from "../../../../core/words.ts";
import { assetVolume } from "../../../../providers/release/container.ts";
import type { Fleet, Found } from "../../../../providers/release/fleet.ts";
import type { ReleaseInputs } from "../../../../providers/release/inputs.ts";
import { liveOf, routeOf, targetOf } from "../../../../providers/release/live.ts";
import { type Place, places } from "../../../../providers/release/places.ts";
import { planRelease } from "../../../../providers/release/plan.ts";
import { isTakenOut } from "../../../../providers/release/taken-out.ts";
import { usedOn } from "./arbitrary.ts";
import { must, reachedHosts, same } from "./model.ts";

/** What is wanted runs and serves where it can, and nothing else does. */
export function mustBeConverged(wanted: ReleaseInputs, fleet: Fleet, before: Fleet): void {
  same(planRelease(wanted, fleet).operations, []);
  const away = new Set(Object.keys(fleet).filter((host) => fleet[host]?.kind === "unreachable"));
  for (const host of away) same(fleet[host], before[host]);
  const here = places(wanted).filter(({ host }) => !away.has(host));
  const hosts = reachedHosts(fleet);
  const running = hosts.flatMap(([host, found]) =>
    found.containers
      .filter((container) => container.running && container.finishing === undefined)
      .map(({ role, release }) => `${host}/${role} ${release}`),
  );
  same(running.sort(), here.map(({ slot, release }) => `${slot} ${release}`).sort());
  same(
    hosts.flatMap(([, found]) => found.containers.flatMap(({ edited }) => edited)),
    [],
  );
  same(
    hosts.flatMap(([, found]) => found.helpers),
    [],
  );
  const routed = hosts.flatMap(([host, found]) => found.routes.map(({ role }) => `${host}/${role}`));
  same(routed.sort(), [...new Set(here.flatMap(({ slot, spec }) => (spec.proxy === undefined ? [] : [slot])))].sort());
  for (const place of here) mustServe(wanted, place, fleet);
  for (const [host, found] of hosts) mustBeTidy(wanted, host, found.containers, fleet);
}

function mustServe(wanted: ReleaseInputs, { host, role, spec, release, track }: Place, fleet: Fleet): void {
  const live = liveOf(fleet[host], role, spec.proxy !== undefined);
  if (spec.proxy === undefined) {
    same(
      live.map((container) => container.release),
      Array.from({ length: spec.replicas }, () => release),
    );
    return;
  }
  const route = routeOf(fleet[host], role);
  const { appPort, ...options } = spec.proxy;
  if (track === "canary") {
    const share = wanted.canary?.share;
    same([route?.rollout?.percent, route?.rollout?.allow], share?.to === "percent" ? [share.percent, []] : [0, share?.allow]);
    const canary = containersOf(fleet, host, role).find((one) => one.running && !isTakenOut(one) && one.release === release);
    same(route?.rollout?.targets, [targetOf(canary?.id ?? "", appPort)]);
    return;
  }
  same(
    live.map((container) => [container.release, container.running]),
    Array.from({ length: spec.replicas }, () => [release, true]),
  );
  same(route?.targets.length, spec.replicas);
  same(route?.options, options);
  same(route?.state, wanted.maintenance === undefined ? { kind: "running" } : { kind: "stopped", ...wanted.maintenance });
  if (wanted.canary === undefined) same(route?.rollout, undefined);
}

/** No more releases than may be kept, nothing of the wanted one beside itself, and nothing of what left. */
function mustBeTidy(wanted: ReleaseInputs, host: HostName, containers: readonly Found[], fleet: Fleet): void {
  for (const [role, own] of Map.groupBy(containers, (container) => container.role)) {
    const slot: Slot = `${host}/${role}`;
    must(slot in wanted.containers, `${slot} is wanted`);
    // What was left to finish goes with the next release.
    const kept = own
      .filter((container) => !container.running && !isTakenOut(container))
      .map(({ release, name }) => release ?? name);
    must(new Set(kept).size <= wanted.retainContainers, `${kept.length} are kept at ${slot}`);
    must(!kept.includes(wanted.containers[slot] ?? ""), `${slot} keeps nothing of the release itself`);
  }
  const found = fleet[host];
  if (found?.kind !== "reached") return;
  if (!(host in wanted.hosts)) same(found.commands, []);
  const images = new Set(places(wanted).flatMap((place) => (place.host === host ? [place.image] : [])));
  const used = usedOn(found);
  for (const { id, digests } of found.images)
    must(used.has(id) || digests.some((digest) => images.has(digest)), `${digests} is used or wanted on ${host}`);
  const mounted = new Set([...found.containers, ...found.commands].map(({ assets }) => assets));
  const ownVolumes = new Set(places(wanted).map((place) => (place.host === host ? assetVolume(wanted, place) : undefined)));
  for (const volume of found.assets)
    must(mounted.has(volume) || ownVolumes.has(volume), `${volume} is used or wanted on ${host}`);
  const proxied = Object.values(wanted.roles).some(({ proxy, hosts }) => proxy !== undefined && hosts.includes(host));
  if (proxied) for (const folder of Object.keys(wanted.proxyFiles)) must(found.proxyFiles.includes(folder), `${folder} is there`);
}

export const containersOf = (fleet: Fleet, host: HostName, role: RoleName): Found[] => {
  const found = fleet[host];
  return found?.kind === "reached" ? found.containers.filter((container) => container.role === role) : [];
};
