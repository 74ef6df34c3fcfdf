/**
 * Which of the files that run side by side this is: Vitest numbers its workers from 1. Two test runs on one machine share its lab: the
 * second one sets SLIPWAY_LANE to the lanes that the first one uses, 2, and its workers are lanes 3 and 4.
 */
export const LANE = Number(process.env.SLIPWAY_LANE ?? 0) + Number(process.env.VITEST_POOL_ID ?? 1);

/** @example hostsOf(1) // "web-1,web-2,web-3" */
export const hostsOf = (lane: number): string => [1, 2, 3].map((host) => `web-${lane === 1 ? "" : lane}${host}`).join(",");

/** A host for a file of tests that leaves its mark on more than Docker, so that two such files do not meet. @example hostFor("hosts") // "hosts-1" */
export const hostFor = (tests: string): string => `${tests}-${LANE}`;
