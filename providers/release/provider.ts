import type { z } from "zod";
import { canonical } from "../../core/hash.ts";
import type { Slot } from "../../core/words.ts";
import { type Address, routeDifferences } from "../../hosts/index.ts";
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

/** Names of containers, labels and routes are made of these: with another one it is another app on the hosts. */
const RENAMING = ["service", "destination"] as const;

const nameOf = ({ service, destination }: ReleaseInputs): string =>
  [service, ...(destination === undefined ? [] : [destination])].join("-");

export const releaseProvider: Provider<ReleaseInputs, ReleaseState> = {
  inputs: ReleaseInputs,
  state: ReleaseState,
  id: nameOf,

  plan: (inputs, state) => {
    const renamed = state === undefined ? [] : RENAMING.filter((key) => state[key] !== inputs[key]);
    const fleet = state === undefined || renamed.length > 0 ? {} : stillThere(inputs, state);
    const plan = planRelease(inputs, fleet);
    const text = describePlan(plan, inputs, state && { inputs: state, fleet });
    const reached = newWays(inputs.hosts, state?.hosts ?? {});
    if (state === undefined || renamed.length === 0)
      return { changes: !isEmpty(plan) || reached.length > 0, text: [text, ...reached].join("\n") };
    const rename = `${nameOf(state)} becomes ${nameOf(inputs)}: it is taken down under its old name first; down until the new one serves`;
    return { changes: true, replace: { because: renamed, first: "delete" }, text: `${rename}\n${text}` };
  },

  converge: async (inputs, state, run) => {
    const left = await reachable({ ...inputs, hosts: leftBehind(inputs, state) }, run);
    const hosts = { ...Object.fromEntries([...left].map(([name, host]) => [name, host.address])), ...inputs.hosts };
    const fleet = await applyRelease(inputs, hosts, run);
    return { ...inputs, fleet: Object.fromEntries(Object.entries(fleet).filter(([name]) => name in inputs.hosts)) };
  },

  read: observe,
  withdraw: withdrawRelease,
};

const isSameMachine = (a: Address, b: Address | undefined): boolean => a.address === b?.address && a.port === b.port;

/** Another SSH user, port or pinned key changes nothing on a host, but the next run has to know it. */
function newWays(now: ReleaseInputs["hosts"], before: ReleaseInputs["hosts"]): string[] {
  const changed = Object.values(now).filter(({ name }) => before[name] && canonical(before[name]) !== canonical(now[name]));
  return changed.map(({ name, user, address, port }) => `  ${name}  is reached as ${user}@${address}:${port} from now on`);
}

/** What was seen of machines that are not behind that name any more says nothing about the new ones. */
function stillThere(inputs: ReleaseInputs, state: ReleaseState): Fleet {
  const moved = Object.values(inputs.hosts).filter(
    (host) => state.hosts[host.name] && !isSameMachine(host, state.hosts[host.name]),
  );
  return Object.fromEntries(Object.entries(state.fleet).filter(([name]) => !moved.some((host) => host.name === name)));
}

/** Machines that the last release ran on and this one does not: their name left the config, or means another machine now. */
function leftBehind(inputs: ReleaseInputs, state: ReleaseState | undefined): ReleaseInputs["hosts"] {
  const left = Object.values(state?.hosts ?? {}).filter(
    (old) => !Object.values(inputs.hosts).some((host) => isSameMachine(host, old)),
  );
  return Object.fromEntries(
    left.map((old) => {
      const name = old.name in inputs.hosts ? `${old.name} at ${old.address}` : old.name;
      return [name, { ...old, name }];
    }),
  );
}

async function observe(declared: ReleaseInputs, run: Run): Promise<Reading<ReleaseInputs, ReleaseState>> {
  const fleet = await observeFleet(declared, run.hosts);
  const state = { ...declared, fleet };
  if (isEmpty(planRelease(declared, fleet))) return { found: "same", state };
  return { found: "drift", state, inputs: { ...declared, ...whatRuns(declared, fleet) } };
}

/** What runs and serves instead of what was declared, in the same keys, so that the preview names the drift. */
function whatRuns(declared: ReleaseInputs, fleet: Fleet): Pick<ReleaseInputs, "containers" | "routes"> {
  const all = places(declared);
  return {
    containers: Object.fromEntries(all.map((place) => [place.slot, containerNow(place, fleet)])),
    routes: Object.fromEntries(
      all.flatMap((place) =>
        place.spec.proxy === undefined ? [] : [[place.slot, routeNow(declared, place, fleet)] as [Slot, string]],
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

function routeNow(inputs: ReleaseInputs, { slot, host, role, spec }: Place, fleet: Fleet): string {
  const found = fleet[host];
  const declared = inputs.routes[slot] ?? "";
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
