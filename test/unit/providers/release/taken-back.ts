import type { Fleet } from "../../../../providers/release/fleet.ts";
import { routeOf } from "../../../../providers/release/live.ts";
import type { Operation } from "../../../../providers/release/operation.ts";
import { aHost } from "./fixture.ts";

/**
 * What `revert` makes of a fleet in which `done` of a swap was done: back to what was live, what was started is gone, what had to
 * make way runs again, canaries have the share that they had, and requests get in.
 *
 * @param before the fleet when the swap began
 */
export function takenBack(now: Fleet, done: readonly Operation[], before: Fleet): Fleet {
  const fleet = structuredClone(now);
  for (const operation of done.toReversed()) {
    const host = fleet[operation.host];
    const was = before[operation.host] ?? aHost();
    if (host?.kind !== "reached" || was.kind !== "reached") throw new Error(`${operation.host} cannot be reached`);
    if (operation.do === "start") {
      const started = host.containers.filter(({ name }) => name === operation.container);
      host.containers = host.containers.filter(({ name }) => name !== operation.container);
      // Its volume stays, and is used by the next attempt.
      const volumes = started.flatMap(({ assets }) => (assets === undefined ? [] : [assets]));
      host.assets.push(...volumes.filter((volume) => !host.containers.some(({ assets }) => assets === volume)));
    }
    if (operation.do === "stop-before" && operation.until === undefined) {
      const old = was.containers.find(({ id }) => id === operation.id);
      host.containers = host.containers.map((one) => (one.id === operation.id && old ? structuredClone(old) : one));
    }
    if (operation.do === "switch") {
      const old = routeOf(was, operation.role);
      host.routes = host.routes.flatMap((route) => {
        if (route.role !== operation.role) return [route];
        return old === undefined ? [] : [{ ...route, targets: old.targets, options: old.options }];
      });
    }
    if (operation.do === "canary" || operation.do === "end-canary") {
      const old = routeOf(was, operation.role)?.rollout;
      host.routes = host.routes.map(({ rollout: now, ...route }) => {
        const share = route.role === operation.role ? old : now;
        return { ...route, ...(share && { rollout: share }) };
      });
    }
    if (operation.do === "pause")
      for (const route of host.routes) if (route.role === operation.role) route.state = { kind: "running" };
  }
  return fleet;
}
