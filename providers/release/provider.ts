import type { z } from "zod";
import type { Slot } from "../../core/words.ts";
import { routeDifferences } from "../../hosts/index.ts";
import type { Provider, Reading, Run } from "../provider.ts";
import { applyRelease } from "./apply.ts";
import { describePlan } from "./describe.ts";
import { Fleet, liveOf, routeOf } from "./fleet.ts";
import { type Place, places, ReleaseInputs } from "./inputs.ts";
import { observeFleet } from "./observe.ts";
import { isEmpty, planRelease } from "./plan.ts";
import { reachable, withdrawRelease } from "./withdraw.ts";

const ReleaseState = ReleaseInputs.extend({
  /** What the last look at the hosts found. */
  fleet: Fleet,
});
export type ReleaseState = z.infer<typeof ReleaseState>;

export const releaseProvider: Provider<ReleaseInputs, ReleaseState> = {
  inputs: ReleaseInputs,
  state: ReleaseState,
  id: ({ service, destination }) => [service, ...(destination === undefined ? [] : [destination])].join("-"),

  plan: (inputs, state) => {
    const plan = planRelease(inputs, state?.fleet ?? {});
    return { changes: !isEmpty(plan), text: describePlan(plan, inputs, state && { inputs: state, fleet: state.fleet }) };
  },

  converge: async (inputs, state, run) => {
    const left = await reachable({ ...inputs, hosts: leftBehind(inputs, state) }, run);
    const hosts = { ...Object.fromEntries([...left].map(([name, host]) => [name, host.address])), ...inputs.hosts };
    const fleet = await applyRelease(inputs, hosts, run);
    return { ...inputs, fleet: Object.fromEntries(Object.entries(fleet).filter(([name]) => name in inputs.hosts)) };
  },

  read: async (state, run) => observe(state, run),

  withdraw: (state, run) => withdrawRelease(state, run),
};

/** Hosts that the last release ran on and this one does not. */
function leftBehind(inputs: ReleaseInputs, state: ReleaseState | undefined): ReleaseInputs["hosts"] {
  return Object.fromEntries(Object.entries(state?.hosts ?? {}).filter(([name]) => !(name in inputs.hosts)));
}

async function observe(state: ReleaseState, run: Run): Promise<Reading<ReleaseInputs, ReleaseState>> {
  const fleet = await observeFleet(state, run.hosts);
  const seen = { ...state, fleet };
  if (isEmpty(planRelease(state, fleet))) return { found: "same", state: seen };
  const { fleet: _fleet, ...inputs } = state;
  return { found: "drift", state: seen, inputs: { ...inputs, ...whatRuns(state, fleet) } };
}

/** What runs and serves instead of what was declared, in the same keys, so that the preview names the drift. */
function whatRuns(state: ReleaseState, fleet: Fleet): Pick<ReleaseInputs, "containers" | "routes"> {
  const all = places(state);
  return {
    containers: Object.fromEntries(all.map((place) => [place.slot, containerNow(place, fleet)])),
    routes: Object.fromEntries(
      all.flatMap((place) =>
        place.spec.proxy === undefined ? [] : [[place.slot, routeNow(state, place, fleet)] as [Slot, string]],
      ),
    ),
  };
}

function containerNow({ host, role, spec, release }: Place, fleet: Fleet): string {
  const found = fleet[host];
  if (found === undefined) return "missing";
  if (found.reach === "unreachable") return `unreachable: ${found.reason}`;
  const own = found.containers.find((container) => container.role === role && container.release === release);
  if (own === undefined) {
    const live = liveOf(found, role, spec.proxy !== undefined);
    return live === undefined ? "missing" : (live.release ?? live.name);
  }
  if (!own.running) return own.status;
  return own.edited.length === 0 ? release : `${release}, edited: ${own.edited.join(", ")}`;
}

function routeNow(state: ReleaseState, { slot, host, role, spec }: Place, fleet: Fleet): string {
  const found = fleet[host];
  const declared = state.routes[slot] ?? "";
  if (found === undefined || found.reach === "unreachable" || spec.proxy === undefined) return declared;
  if (found.proxy !== "running") return `kamal-proxy ${found.proxy}`;
  const route = routeOf(found, role);
  if (route === undefined) return "missing";
  const { appPort: _port, ...options } = spec.proxy;
  const differs = routeDifferences(route.options, options);
  if (differs.length > 0) return `edited: ${differs.join(", ")}`;
  const live = liveOf(found, role, true);
  return live === undefined ? `to a container that is gone (${route.targets.join(", ")})` : declared;
}
