/**
 * The lane of this test file among those that run in parallel: Vitest numbers its workers from 1. Two test runs on one machine share
 * the lab: the second sets SLIPWAY_LANE to the number of lanes of the first, 2, and its workers are lanes 3 and 4.
 */
export const LANE = Number(process.env.SLIPWAY_LANE ?? 0) + Number(process.env.VITEST_POOL_ID ?? 1);

/** @example hostsOf(1) // "web-1,web-2,web-3" */
export const hostsOf = (lane: number): string => [1, 2, 3].map((host) => `web-${lane === 1 ? "" : lane}${host}`).join(",");

/** A host of its own for a test file that changes more than Docker on it, so that two such files do not collide. @example hostFor("hosts") // "hosts-1" */
export const hostFor = (tests: string): string => `${tests}-${LANE}`;
