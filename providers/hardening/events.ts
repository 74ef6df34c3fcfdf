import { Event, type HostPlan } from "../steps/event.ts";
import type { HardeningOperation } from "./plan.ts";

/** Each attempt publishes what it is about to do, under the lease. */
export const PLANNED = new Event<HostPlan<HardeningOperation>>("slipway:hardening:planned");
