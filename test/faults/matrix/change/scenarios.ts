import { ACCESSORY } from "./accessory.ts";
import type { Change } from "./change.ts";
import { FIREWALL } from "./firewall.ts";
import { PROXY } from "./proxy.ts";
import { SCHEDULE } from "./schedule.ts";
import { SERVER } from "./server.ts";

/** In the order of the page. */
export const CHANGES: readonly Change[] = [...ACCESSORY, ...SCHEDULE, ...FIREWALL, ...PROXY, ...SERVER];
