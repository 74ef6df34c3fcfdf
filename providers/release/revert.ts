import { messageOf } from "../../core/error.ts";
import { prefixOf } from "../../core/names.ts";
import type { HostName, Slot } from "../../core/words.ts";
import { resume } from "./admission.ts";
import { revertCanary } from "./canary.ts";
import type { Candidate } from "./candidate.ts";
import { REVERTING } from "./events.ts";
import { timeoutsOf } from "./inputs.ts";
import { routeOf, targetOf } from "./live.ts";
import type { OperationOf } from "./operation.ts";
import type { Work } from "./work.ts";

/** What a revert did. */
export interface Reverted {
  /** What was undone, a sentence per host; nothing where nothing had been switched. */
  readonly undone: readonly string[];
  /** What it could not take back, a sentence each. */
  readonly left: readonly string[];
}

/** @example "Nothing was switched; candidates were removed" */
export function revertedText({ undone, left }: Reverted): string {
  const switched = undone.length === 0 ? "Nothing was switched" : undone.join("; ");
  return `${switched}; ${left.length === 0 ? "candidates were removed" : left.join("; ")}`;
}

/**
 * Back to what was live, once: a failure here is reported, not repeated. Where the old container still runs it gets its requests
 * first and the new one is removed then; where it was stopped first it can only start when the new one is gone.
 */
export async function revert(work: Work): Promise<Reverted> {
  const { undo } = work;
  REVERTING.publish(undo);
  const stopped = new Set(undo.stopped.map(slotOf));
  const [stoppedFirst, beside] = partition(undo.started, ({ place }) => stopped.has(place.slot));
  const switched = [...undo.earlier, ...undo.switched.map(({ operation }) => operation)];
  const once = [...new Map(switched.map((operation) => [slotOf(operation), operation])).values()];
  const [late, early] = partition(once, (operation) => stopped.has(slotOf(operation)));
  const done = await Promise.all(early.map((operation) => switchBack(operation, work)));
  done.push(...(await Promise.all(undo.canaries.map((operation) => shareBack(operation, work)))));
  const left = await removeCandidates(beside, work);
  left.push(...(await removeCandidates(stoppedFirst, work, "even if the proxy names them")));
  const revived = await Promise.all(undo.stopped.map((operation) => startAgain(operation, work)));
  done.push(...revived, ...(await Promise.all(late.map((operation) => switchBack(operation, work)))));
  const resumed = undo.paused.map((operation) =>
    orSay(`${operation.host}: ${operation.route} is paused and could not be resumed`, () => resume(operation, work)),
  );
  left.push(...(await Promise.all(resumed)).flat());
  return { undone: done.sort(), left: left.sort() };
}

const slotOf = ({ host, role }: { host: HostName; role: string }): Slot => `${host}/${role}`;

function partition<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}

/** A route that did not exist before is removed. */
async function switchBack({ host, role, route }: OperationOf<"switch">, work: Work): Promise<string> {
  const { proxy } = work.on(host);
  const old = routeOf(work.undo.before[host], role);
  try {
    if (old === undefined || old.targets.length === 0) await proxy.remove(route);
    else await proxy.deploy(route, old.targets, old.options, timeoutsOf(work.inputs));
    return `${host}: switched back`;
  } catch (thrown) {
    return `${host}: could not be switched back: ${messageOf(thrown)}`;
  }
}

async function shareBack(operation: OperationOf<"canary" | "end-canary">, work: Work): Promise<string> {
  try {
    await revertCanary(operation, work.undo.before, work);
    return `${operation.host}: the canary has the share that it had before`;
  } catch (thrown) {
    return `${operation.host}: the canary could not get back its share: ${messageOf(thrown)}`;
  }
}

async function startAgain({ host, container, id }: OperationOf<"stop-before">, work: Work): Promise<string> {
  try {
    await work.on(host).docker.start(id);
    return `${host}: ${container} was started again`;
  } catch (thrown) {
    return `${host}: ${container} could not be started again: ${messageOf(thrown)}`;
  }
}

/**
 * Removes what this run started. An unreachable host keeps it, and the next run finds it there. So does a host whose proxy was
 * switched and could not be switched back: what serves is never removed, whatever this run believes to have happened.
 */
async function removeCandidates(
  started: readonly Candidate[],
  work: Work,
  also?: "even if the proxy names them",
): Promise<string[]> {
  const removed = started.map(async ({ host, id, place }) => {
    const name = `${place.host}: ${place.container}`;
    const remove = async () => {
      if (also === undefined && (await isNamed(place.host, place.role, id, place.spec.proxy?.appPort, work)))
        return `${name} stays, because the proxy there sends requests to it`;
      await host.docker.remove(id, { force: true, anonymousVolumes: true });
      return undefined;
    };
    return orSay(`${name} could not be removed`, remove);
  });
  return (await Promise.all(removed)).flat();
}

/** The sentence that `work` returns, or `failure` with the reason. */
async function orSay(failure: string, work: () => Promise<unknown>): Promise<string[]> {
  try {
    const said = await work();
    return typeof said === "string" ? [said] : [];
  } catch (thrown) {
    return [`${failure}: ${messageOf(thrown).split("\n", 1)[0]}`];
  }
}

async function isNamed(host: HostName, role: string, id: string, port: number | undefined, work: Work): Promise<boolean> {
  if (port === undefined) return false;
  const route = await work.on(host).proxy.route(prefixOf(work.inputs, role));
  return [...(route?.targets ?? []), ...(route?.rollout?.targets ?? [])].includes(targetOf(id, port));
}
