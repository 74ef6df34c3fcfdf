import type { Run } from "../pulumi/provider.ts";
import type { Crew } from "./crew.ts";
import type { ReleaseInputs } from "./inputs.ts";
import type { Stopwatch } from "./stopwatch.ts";

/** What every step of one release needs. */
export interface Work {
  readonly inputs: ReleaseInputs;
  readonly crew: Crew;
  readonly run: Run;
  readonly watch: Stopwatch;
}
