import { NOTHING_TOUCHED, SlipwayError } from "../core/error.ts";

/** The variable in which `slipway rollback` passes on the hash of the config that it has written, to the run that releases it. */
export const EXPECTED_CONFIG = "SLIPWAY_EXPECTED_CONFIG";

/**
 * Throws if a program reads another config than the one that was written: YAML has more than one kind of reader.
 *
 * @param hash that of the config as Pulumi has read it (`configHash`)
 */
export function requireExpected(hash: string, expected = process.env[EXPECTED_CONFIG]): void {
  if (expected === undefined || expected === hash) return;
  throw new SlipwayError({
    code: "STACK_CONFIG_ELSEWHERE",
    what: "Pulumi reads another config from the stack's file than the rollback has written",
    servesNow: NOTHING_TOUCHED,
    next: "restore the file from version control, and run slipway deploy",
  });
}
