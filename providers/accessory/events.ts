import type { HostName } from "../../core/words.ts";
import { Event, type HostPlan } from "../steps/event.ts";
import type { AccessoryOperation } from "./operation.ts";

/** Each attempt publishes what it is about to do, under the lease. */
export const PLANNED = new Event<HostPlan<AccessoryOperation>>("slipway:accessory:planned");

/** A failed attempt publishes the host on which it is about to take back what it did. */
export const ROLLING_BACK = new Event<{ readonly host: HostName }>("slipway:accessory:rolling-back");
