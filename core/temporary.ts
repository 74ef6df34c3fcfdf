import { STACK_LABEL } from "./owner.ts";
import type { Seconds } from "./words.ts";

/** Label of a container that serves one command of a person, such as `slipway exec`, and must not outlive it: that command. */
export const TEMPORARY_LABEL = "slipway.temporary";
/** Label with how long it may run at most, in seconds. */
const LIMIT_LABEL = "slipway.limit";

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
  if (state === "exited" || state === "dead" || state === "created") return age > REMOVAL;
  const limit = Number(labels[LIMIT_LABEL] ?? EARLIER_LIMIT);
  return age > (Number.isFinite(limit) ? limit : EARLIER_LIMIT);
}
