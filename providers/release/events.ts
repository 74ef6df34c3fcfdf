import { channel } from "node:diagnostics_channel";

/** Each attempt publishes the plan that it is about to carry out, under its leases. */
export const PLANNED = channel("slipway:release:planned");
/** A failed attempt publishes its undo log before it reverts. */
export const REVERTING = channel("slipway:release:reverting");
