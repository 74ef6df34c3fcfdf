import type { Seconds } from "../../../core/words.ts";
import { median, rounded } from "../result.ts";
import { type NewcomerRow, PHASES } from "./result.ts";

/** One first deploy. */
export type FirstDeploy = Omit<NewcomerRow, "rounds">;

/** The medians of several. */
export function rowOf(deploys: readonly FirstDeploy[]): NewcomerRow {
  const of = (value: (deploy: FirstDeploy) => readonly Seconds[]) => rounded(median(deploys.flatMap(value)));
  return {
    rounds: deploys.length,
    first_answer_s: of(({ first_answer_s }) => [first_answer_s]),
    wall_s: of(({ wall_s }) => [wall_s]),
    phases: PHASES.map((name) => {
      const moment = (end: "from_s" | "to_s") =>
        of(({ phases }) => phases.flatMap((one) => (one.phase === name ? [one[end]] : [])));
      return { phase: name, from_s: moment("from_s"), to_s: moment("to_s") };
    }),
  };
}
