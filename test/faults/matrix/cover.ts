import type { HostName } from "../../../core/words.ts";
import type { Operation } from "../../../providers/release/operation.ts";
import type { UndoLog } from "../../../providers/release/undo-log.ts";
import { type Allowance, Allowances, type Calls } from "./allowance.ts";

/** A call of the trace that changes a host, with the release cut out of it. */
export interface Mutation {
  readonly host: HostName;
  /** As the trace names it: `start container`, `kamal-proxy deploy shop-web`. */
  readonly call: string;
}

/** What one run was about to do, and what it reverted. */
export interface Intentions {
  /** Hosts of the release. They get its image before the lease is taken and anything is planned. */
  readonly hosts: ReadonlySet<HostName>;
  /** Operations of the plans of all attempts. */
  readonly planned: readonly Operation[];
  /** Operations that a failed attempt was about to undo. */
  readonly undone: readonly Undone[];
  /** The same of changes that are no releases, in calls. */
  readonly allowed?: readonly Allowance[];
}

/** `start`: a candidate that was started, or that an earlier run had started and this one adopted. */
export type Undone = Extract<Operation, { do: "start" | "pause" | "stop-before" | "switch" | "canary" | "end-canary" }>;

const proxy = (verb: string, route: string): string => `kamal-proxy ${verb} ${route}`;

/** Twice where another run has removed the image since it was pulled. */
const STARTED: Calls = { "create container": 2, "start container": 1 };

function callsOf(operation: Operation): Calls {
  switch (operation.do) {
    case "create-network":
      return { "create network": 1 };
    case "place-files":
      return { "write files": 1 };
    case "create-volume":
      return { "create volume": 1 };
    case "close":
      return { [proxy("stop", operation.route)]: 1 };
    case "run-command":
      // One that takes too long is removed.
      return { ...STARTED, "remove container": 1 };
    case "pause":
      // Requests are let in as soon as the successor serves.
      return { [proxy("pause", operation.route)]: 1, [proxy("resume", operation.route)]: 1 };
    case "stop-before":
    case "stop":
      return { "stop container": 1 };
    case "start":
      return STARTED;
    case "share-assets":
      return { "create container": 2, "copy folder": 2, "write files": 2, "remove container": 2 };
    case "set-limits":
    case "reset-limits":
      return { "update container": 1 };
    case "switch":
      return { [proxy("deploy", operation.route)]: 1 };
    case "canary":
      return { [proxy("rollout deploy", operation.route)]: 1, [proxy("rollout set", operation.route)]: 1 };
    case "end-canary":
      return { [proxy("rollout stop", operation.route)]: 1, [proxy("rollout deploy", operation.route)]: 1 };
    case "open":
      return { [proxy("resume", operation.route)]: 1 };
    case "remove-route":
      return { [proxy("remove", operation.route)]: 1 };
    case "remove-leftover":
    case "remove":
      return { "remove container": 1 };
    case "remove-volume":
      return { "remove volume": 1 };
    case "remove-image":
      return { "remove image": 1 };
    case "remove-files":
      return { "write files": 1 };
    case "remove-network":
      return { "remove network": 1 };
  }
}

/** A revert undoes these, and nothing else. */
function undoOf(operation: Undone): Calls {
  switch (operation.do) {
    case "start":
      return { "remove container": 1 };
    case "stop-before":
      return { "start container": 1 };
    case "pause":
      return { [proxy("resume", operation.route)]: 1 };
    case "switch":
      return { [proxy("deploy", operation.route)]: 1, [proxy("remove", operation.route)]: 1 };
    case "canary":
    case "end-canary":
      return {
        [proxy("rollout stop", operation.route)]: 1,
        [proxy("rollout deploy", operation.route)]: 1,
        [proxy("rollout set", operation.route)]: 1,
      };
  }
}

/** Only what a plan of this run did may be undone. */
function isPlanned(undone: Undone, planned: readonly Operation[]): boolean {
  const here = planned.filter((operation) => operation.host === undone.host);
  if (undone.do === "stop-before") return here.some((one) => one.do === "stop-before" && one.container === undone.container);
  if (undone.do !== "start") return here.some((one) => one.do === undone.do && "role" in one && one.role === undone.role);
  return here.some((one) => {
    if (one.do === "start") return one.container === undone.container;
    return (one.do === "switch" || one.do === "canary") && [one.to].flat().includes(undone.container);
  });
}

/** Mutations that are in no plan of the run, in words; none when all are covered. */
export function uncovered(mutations: readonly Mutation[], { hosts, planned, undone, allowed = [] }: Intentions): string[] {
  const allowances = new Allowances();
  for (const operation of planned) allowances.allow(operation.host, callsOf(operation));
  for (const operation of undone) if (isPlanned(operation, planned)) allowances.allow(operation.host, undoOf(operation));
  for (const { host, calls } of allowed) allowances.allow(host, calls);
  const made = Map.groupBy(
    mutations.filter(({ host, call }) => call !== "pull" || !hosts.has(host)),
    ({ host, call }) => `${host}: ${call}`,
  );
  return [...made].flatMap(([name, [first, ...more]]) => {
    const most = first === undefined ? 0 : allowances.most(first.host, first.call);
    const times = more.length + 1;
    return times <= most ? [] : [`${name}: ${times} times, planned ${most}`];
  });
}

/** What a revert is about to undo. */
export const undoneBy = ({ started, paused, stopped, switched, earlier, canaries }: UndoLog): Undone[] => [
  ...started.map(
    ({ host, name, place }): Undone => ({
      do: "start",
      host: host.name,
      role: place.role,
      container: name,
      release: place.release,
    }),
  ),
  ...paused,
  ...stopped,
  ...switched.map(({ operation }) => operation),
  ...earlier,
  ...canaries,
];
