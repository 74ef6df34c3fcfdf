import { describe, expect, it } from "vitest";
import { type Circumstances, problems, type Section } from "./fixture.ts";

/** A config that is refused for one reason: what the test says, the config, and the problem without `slipway:`. */
export type Refusal = readonly [behaviour: string, config: Section, problem: string, circumstances?: Circumstances];

/** The config of one role `web` with these keys. */
export const web = (role: Section): Section => ({ servers: { web: { hosts: ["203.0.113.10"], ...role } } });

/** The command that errors suggest. */
export const setSecret = (path: string): string => `pulumi config set --secret --path 'slipway:${path}'`;

/** One test for each row. */
export function describeRefusals(noun: string, rows: readonly Refusal[]): void {
  describe(`refusals: ${noun}`, () => {
    it.each(rows.map(([behaviour, config, problem, circumstances]) => ({ behaviour, config, problem, circumstances })))(
      "$behaviour",
      ({ config, problem, circumstances }) => expect(problems(config, circumstances)).toEqual([`slipway:${problem}`]),
    );
  });
}
