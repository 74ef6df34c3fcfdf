import { Deadline } from "../../core/deadline.ts";
import { messageOf } from "../../core/error.ts";
import type { Seconds } from "../../core/words.ts";
import type { Provider, Run } from "./provider.ts";

/** How long a preview waits for hosts that it has not seen before. */
const PATIENCE: Seconds = 15;

/**
 * The plan of something that this stack has not declared before, made from what is on its hosts: they may run it already, under Kamal, or
 * since a run that died. What could not be looked at is planned as on an empty host, and named.
 */
export async function firstPlan<I extends object, S extends I>(provider: Provider<I, S>, inputs: I, run: Run): Promise<string> {
  const unseen = provider.plan(inputs, undefined, run.forgotten).text;
  if (provider.foresee === undefined || isBeingMade(inputs)) return unseen;
  const silent: Run = { ...run, report: { status: () => {}, say: () => {}, warn: () => {} } };
  try {
    const look = provider.read(inputs, silent, undefined);
    look.catch(() => {});
    const { state } = await Deadline.in(PATIENCE).race(look, () => new Error(`no answer within ${PATIENCE} s`));
    return provider.foresee(inputs, state, unseen);
  } catch (thrown) {
    return notLookedAt(unseen, messageOf(thrown).split("\n", 1)[0] ?? "");
  }
}

/** @example notLookedAt("web-1   run kamal-proxy", "connection refused") */
export const notLookedAt = (unseen: string, reason: string): string =>
  `${unseen}\n  planned without a look at the host: ${reason}`;

/** A server that this very run makes boots while it is looked at, and has nothing yet. */
function isBeingMade(inputs: object): boolean {
  if (!("host" in inputs) && !("hosts" in inputs)) return false;
  const hosts = "host" in inputs ? [inputs.host] : Object.values(inputs.hosts ?? {});
  return hosts.some((host) => typeof host === "object" && host !== null && "made" in host && host.made === true);
}
