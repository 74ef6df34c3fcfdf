import { Event, type HostPlan } from "../steps/event.ts";
import type { Operation } from "./plan.ts";

/** Each attempt publishes what it is about to do, under the lease. */
export const PLANNED = new Event<HostPlan<Operation>>("slipway:schedule:planned");
