import { CHANGES } from "./change/scenarios.ts";
import { ChangeStage } from "./change/stage.ts";
import type { FaultName } from "./fault.ts";
import { FaultFleet } from "./fleet.ts";
import { RELEASES } from "./release-scenario.ts";
import { hostsOf, type Shard } from "./shard.ts";
import type { Stage } from "./stage.ts";

/** A release of some app, or one change of another provider. */
export interface Scenario {
  readonly name: string;
  /** For the head of the table. */
  readonly says: string;
  /** Those that strike in the whole matrix; the others can be asked for by `--only`. */
  readonly faults: readonly FaultName[];
  readonly open: (shard: Shard) => Promise<Stage>;
}

export const SCENARIOS: readonly Scenario[] = [
  ...RELEASES.map((one) => ({ ...one, open: (shard: Shard) => FaultFleet.open(one, hostsOf(shard)) })),
  ...CHANGES.map((one) => ({ ...one, open: (shard: Shard) => ChangeStage.open(one, shard) })),
];

export function scenarioNamed(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`no scenario ${name}: it is one of ${SCENARIOS.map((one) => one.name).join(", ")}`);
  return found;
}
