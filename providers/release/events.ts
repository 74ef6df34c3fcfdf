import { Event } from "../steps/event.ts";
import type { Plan } from "./plan.ts";
import type { UndoLog } from "./undo-log.ts";

/** Each attempt publishes the plan that it is about to carry out, under its leases. */
export const PLANNED = new Event<Plan>("slipway:release:planned");
/** A failed attempt publishes its undo log before it reverts. */
export const REVERTING = new Event<UndoLog>("slipway:release:reverting");
