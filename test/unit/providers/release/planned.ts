import { describe } from "../../../../providers/release/describe.ts";
import type { Fleet } from "../../../../providers/release/fleet.ts";
import type { ReleaseInputs } from "../../../../providers/release/inputs.ts";
import { isRoutine, type Operation } from "../../../../providers/release/operation.ts";
import { planRelease } from "../../../../providers/release/plan.ts";

/** What a plan prints, an operation a line, with the data that its text leaves out. */
export const planned = (wanted: ReleaseInputs, fleet: Fleet): string[] =>
  planRelease(wanted, fleet)
    .operations.filter((operation) => !isRoutine(operation))
    .map((operation) => `${operation.host}: ${inFull(operation)}`);

function inFull(operation: Operation): string {
  switch (operation.do) {
    case "switch": {
      const from = operation.from.length === 0 ? "" : ` from ${operation.from.join(" + ")}`;
      return `switch ${operation.route} → ${operation.to.join(" + ")} (${operation.because}${from})`;
    }
    case "run-command":
      return `${describe(operation)} in ${operation.container}`;
    case "place-files":
      return `${describe(operation)} in ${operation.folder}`;
    default:
      return describe(operation);
  }
}
