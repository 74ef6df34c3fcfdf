import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { ScheduleInputs } from "../../providers/schedule/inputs.ts";
import { type Checkpoint, DYNAMIC, issuesOf, stackOf } from "./checkpoint.ts";

/** The schedules in a state, by host, without the values of secrets. Pure. */
export function schedulesIn(checkpoint: Checkpoint): ScheduleInputs[] {
  const declared = checkpoint.resources
    .filter(({ type }) => type === `${DYNAMIC}Schedule`)
    .map(({ outputs }) => {
      const parsed = ScheduleInputs.safeParse(outputs);
      if (!parsed.success) throw otherVersion(stackOf(checkpoint), issuesOf(parsed.error));
      return parsed.data;
    });
  return declared.sort((a, b) => (a.host.name < b.host.name ? -1 : 1));
}

const otherVersion = (stack: string, evidence: readonly string[]): SlipwayError =>
  new SlipwayError({
    code: "STATE_FROM_OTHER_VERSION",
    what: `the state of the stack ${stack} has backups and jobs in the format of a different version of Slipway`,
    evidence,
    servesNow: NOTHING_TOUCHED,
    next: "use that version here, or run pulumi up once with this one, which rewrites the state",
  });
