import { STACK_LABEL } from "./owner.ts";
import type { Seconds } from "./words.ts";

/** Label of a container that serves one command of a person, such as `slipway exec`, and must not outlive it: that command. */
export const TEMPORARY_LABEL = "slipway.temporary";
/** Label with how long it may run at most, in seconds. */
const LIMIT_LABEL = "slipway.limit";
/** Label of one that no command waits for: once it has ended it stays that many seconds from its start, so that its output can be read. */
const KEPT_LABEL = "slipway.kept";

/** Commands of before that had a label of their own. */
const EARLIER_LABEL = "slipway.exec";
const EARLIER_LIMIT: Seconds = 86_400;
/** One that has ended is removed by its command a moment later. */
const REMOVAL: Seconds = 120;

/** @example temporaryLabels("slipway exec", "shop/production", 86_400) */
export const temporaryLabels = (command: string, stack: string, limit: Seconds): Record<string, string> => ({
  [TEMPORARY_LABEL]: command,
  [LIMIT_LABEL]: String(Math.round(limit)),
  [STACK_LABEL]: stack,
});

/** The same for a container that nothing waits for. @param kept how long it may run, and stays at most once it has ended */
export const detachedLabels = (command: string, stack: string, kept: Seconds): Record<string, string> => ({
  ...temporaryLabels(command, stack, kept),
  [KEPT_LABEL]: String(Math.round(kept)),
});

/** The command that a container serves; `undefined` for one that is not temporary. */
export const commandOf = (labels: Readonly<Record<string, string>>): string | undefined =>
  labels[TEMPORARY_LABEL] ?? (labels[EARLIER_LABEL] === undefined ? undefined : "slipway exec");

/** Whether a temporary container has outlived its command: it ran out of time, or ended without being removed. */
export function isLeft(
  {
    labels,
    state,
    created,
  }: { readonly labels: Readonly<Record<string, string>>; readonly state: string; readonly created: Seconds },
  now: Seconds,
): boolean {
  if (commandOf(labels) === undefined) return false;
  const age = now - created;
  const hasEnded = state === "exited" || state === "dead" || state === "created";
  return age > (hasEnded ? secondsIn(labels[KEPT_LABEL], REMOVAL) : secondsIn(labels[LIMIT_LABEL], EARLIER_LIMIT));
}

function secondsIn(label: string | undefined, otherwise: Seconds): Seconds {
  const seconds = Number(label ?? otherwise);
  return Number.isFinite(seconds) ? seconds : otherwise;
}
