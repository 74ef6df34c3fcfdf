import { messageOf } from "../../core/error.ts";
import { prefixOf } from "../../core/names.ts";
import type { HostName, Slot } from "../../core/words.ts";
import { restoreCanary } from "./canary.ts";
import type { Candidate } from "./candidate.ts";
import { hostOf } from "./crew.ts";
import { letIn } from "./door.ts";
import { type Fleet, routeOf, targetOf } from "./fleet.ts";
import { timeoutsOf } from "./inputs.ts";
import type { OperationOf } from "./plan.ts";
import type { CanaryChange, UndoLog } from "./undo-log.ts";
import type { Work } from "./work.ts";

/**
 * Back to what was live, once: what fails here is told, not repeated. Where the old one still runs it gets its requests first and
 * the new one goes then; where it had to make way it can only start when the new one is gone.
 *
 * @returns what was done, a sentence per host; nothing where nothing had been switched
 */
export async function revert(work: Work, undo: UndoLog): Promise<string[]> {
  const stopped = new Set(undo.halted.map(slotOf));
  const [madeWay, beside] = partition(undo.started, ({ place }) => stopped.has(place.slot));
  const { before } = undo;
  const switched = [...undo.earlier, ...undo.switched.map(({ operation }) => operation)];
  const once = [...new Map(switched.map((operation) => [slotOf(operation), operation])).values()];
  const [late, early] = partition(once, (operation) => stopped.has(slotOf(operation)));
  const told = await Promise.all(early.map((operation) => switchBack(work, operation, before)));
  told.push(...(await Promise.all(undo.canaries.map((operation) => shareBack(work, operation, before)))));
  await discard(work, beside);
  await discard(work, madeWay, "also what the proxy names");
  const revived = await Promise.all(undo.halted.map((operation) => revive(work, operation)));
  told.push(...revived, ...(await Promise.all(late.map((operation) => switchBack(work, operation, before)))));
  await Promise.allSettled(undo.held.map((operation) => letIn(work, operation)));
  return told.sort();
}

const slotOf = ({ host, role }: { host: HostName; role: string }): Slot => `${host}/${role}`;

function partition<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}

/** A route that did not exist before goes away. */
async function switchBack(work: Work, { host: name, role, route }: OperationOf<"switch">, before: Fleet): Promise<string> {
  const proxy = hostOf(work.crew, name).proxy;
  const old = routeOf(before[name], role);
  try {
    if (old === undefined || old.targets.length === 0) await proxy.remove(route);
    else await proxy.deploy(route, old.targets, old.options, timeoutsOf(work.inputs));
    return `${name}: switched back`;
  } catch (thrown) {
    return `${name}: could not be switched back: ${messageOf(thrown)}`;
  }
}

async function shareBack(work: Work, operation: CanaryChange, before: Fleet): Promise<string> {
  try {
    await restoreCanary(work, operation, before);
    return `${operation.host}: the canary has what it had before`;
  } catch (thrown) {
    return `${operation.host}: the canary could not be put back: ${messageOf(thrown)}`;
  }
}

async function revive(work: Work, { host: name, container, id }: OperationOf<"halt">): Promise<string> {
  try {
    await hostOf(work.crew, name).docker.start(id);
    return `${name}: ${container} was started again`;
  } catch (thrown) {
    return `${name}: ${container} could not be started again: ${messageOf(thrown)}`;
  }
}

/**
 * Takes back what this run started; a host that is gone keeps it, and the next run finds it there. So does one whose proxy was
 * switched and could not be switched back: what serves is never removed, whatever we believe to have happened.
 */
async function discard(work: Work, started: readonly Candidate[], also?: "also what the proxy names"): Promise<void> {
  await Promise.allSettled(
    started.map(async ({ host, id, place }) => {
      if (also === undefined && (await isNamed(work, place.host, place.role, id, place.spec.proxy?.appPort))) return;
      await host.docker.remove(id, { force: true, anonymousVolumes: true });
    }),
  );
}

async function isNamed(work: Work, host: HostName, role: string, id: string, port: number | undefined): Promise<boolean> {
  if (port === undefined) return false;
  const route = await hostOf(work.crew, host).proxy.route(prefixOf(work.inputs, role));
  return [...(route?.targets ?? []), ...(route?.rollout?.targets ?? [])].includes(targetOf(id, port));
}
