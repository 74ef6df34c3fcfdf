import { Deadline } from "../../core/deadline.ts";
import { messageOf } from "../../core/error.ts";
import type { Seconds } from "../../core/words.ts";
import type { Planned, Provider, Run } from "./provider.ts";
import { SILENT } from "./report.ts";

/** How long a preview waits for hosts that it has not seen before. */
const PATIENCE: Seconds = 15;

/**
 * The plan for hosts that this stack has not seen before, made from what is there: they may run it already, under Kamal, since a run that
 * died, or under another address. What could not be looked at is planned as on an empty host, and named.
 */
export async function planWithLook<I extends object, S extends I>(
  provider: Provider<I, S>,
  inputs: I,
  planned: Planned<S>,
  run: Run,
): Promise<string> {
  if (provider.foresee === undefined || isBeingMade(inputs)) return planned.text;
  try {
    const look = provider.read(inputs, { ...run, report: SILENT }, undefined);
    look.catch(() => {});
    const { state } = await Deadline.in(PATIENCE).race(look, () => new Error(`no answer within ${PATIENCE} s`));
    return provider.foresee(inputs, state, planned);
  } catch (thrown) {
    return notLookedAt(planned.text, messageOf(thrown).split("\n", 1)[0] ?? "");
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
