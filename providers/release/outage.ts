import { only } from "./plan.ts";
import type { Wave } from "./wave.ts";
import type { Work } from "./work.ts";

/** The time in which nothing of a role runs, because its old container stops before the new one starts. */
export interface Outage {
  /** The new containers are healthy: what no proxy serves is up again. */
  proved(): void;
  /** Requests that waited at the proxy reach the new containers. */
  served(): void;
}

/** Measures that of one wave, from the stop signal of the first container. The longest one is part of the sentence at the end. */
export function beginOutage({ plan, watch }: Work, wave: Wave): Outage {
  const isIn = ({ host, role }: { host: string; role: string }) => wave.includes(`${host}/${role}`);
  const held = new Set(only(plan, "pause").filter(isIn).map(slotOf));
  const closed = new Set(only(plan, "close").map(slotOf));
  const stopped = only(plan, "stop-before").filter(isIn).map(slotOf);
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  return {
    proved: () => {
      // In maintenance, requests are turned away in any case.
      if (stopped.some((slot) => !held.has(slot) && !closed.has(slot))) watch.outage("down", elapsed());
    },
    served: () => {
      if (stopped.some((slot) => held.has(slot))) watch.outage("held", elapsed());
    },
  };
}

const slotOf = ({ host, role }: { host: string; role: string }): string => `${host}/${role}`;
