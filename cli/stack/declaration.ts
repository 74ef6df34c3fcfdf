import { z } from "zod";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { ScheduleInputs } from "../../providers/schedule/inputs.ts";
import { accessoriesIn, type DeclaredAccessory } from "./accessories.ts";
import { issuesOf, parseCheckpoint, requireRelease, stackOf } from "./checkpoint.ts";
import { Declared } from "./release.ts";
import { schedulesIn } from "./schedules.ts";

/** What the state of a stack says of its release. */
export interface StackDeclaration {
  readonly stack: string;
  /** As it was declared by the last run that succeeded, without the values of secrets. */
  readonly inputs: Declared;
  /** What it has beside the app, by name and host. */
  readonly accessories: readonly DeclaredAccessory[];
  /** Backups and jobs, by host. */
  readonly schedules: readonly ScheduleInputs[];
  /** When that was; empty when Pulumi does not say. */
  readonly declaredAt: string;
  /** Where the app answers. */
  readonly urls: readonly string[];
}

/**
 * Reads what `pulumi stack export` prints. Pure.
 *
 * @param given the stack as a person named it: a state without resources does not tell
 */
export function parseDeclaration(json: string, given?: string): StackDeclaration {
  const checkpoint = parseCheckpoint(json);
  const stack = stackOf(checkpoint);
  const release = requireRelease(checkpoint, given ?? stack);
  const declared = Declared.safeParse(release.outputs);
  if (!declared.success) throw otherVersion(stack, declared.error);
  const root = checkpoint.resources.find(({ type }) => type === "pulumi:pulumi:Stack");
  return {
    stack,
    inputs: declared.data,
    accessories: accessoriesIn(checkpoint),
    schedules: schedulesIn(checkpoint),
    declaredAt: release.modified ?? release.created ?? "",
    urls: z.array(z.string()).safeParse(root?.outputs.urls).data ?? [],
  };
}

const otherVersion = (stack: string, error: z.ZodError): SlipwayError =>
  new SlipwayError({
    what: `the state of the stack ${stack} was written by a version of Slipway whose releases this one does not know`,
    evidence: issuesOf(error),
    servesNow: NOTHING_TOUCHED,
    next: "use that version here, or run pulumi up once with this one, which writes the state anew",
  });
