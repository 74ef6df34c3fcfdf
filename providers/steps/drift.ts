/** How a plan marks what differs from what the last run left. */
export const DRIFT = " (drift)";

/** Empty on a host that no run of this stack has been to: what is there is as someone else left it. */
export type DriftMark = typeof DRIFT | "";
