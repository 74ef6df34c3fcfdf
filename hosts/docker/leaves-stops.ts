import { isOlder } from "../../core/version.ts";

/**
 * Whether this version of Docker goes on with a stop whose client has gone. From 23.0 to 24.0.2 it sent SIGKILL at that moment instead
 * (moby/moby#45731); 23.0.7 has the repair, too, but was hardly used.
 */
export const leavesStops = (engine: string): boolean => isOlder(engine, "23") || !isOlder(engine, "24.0.3");
