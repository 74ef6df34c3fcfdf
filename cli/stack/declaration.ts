import { z } from "zod";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import { ReleaseInputs } from "../../providers/release/inputs.ts";
import type { ScheduleInputs } from "../../providers/schedule/inputs.ts";
import { accessoriesIn, type DeclaredAccessory } from "./accessories.ts";
import { appOf, ofApp } from "./apps.ts";
import { type Checkpoint, issuesOf, requireRelease, stackOf } from "./checkpoint.ts";
import { Declared } from "./release.ts";
import { listReleases, type Released } from "./release-history.ts";
import { schedulesIn } from "./schedules.ts";

/** What the last successful run of a stack declared. */
export interface StackDeclaration {
  readonly stack: string;
  /** The release, without the values of secrets. */
  readonly inputs: Declared;
  /** Every recorded release, newest first. */
  readonly releases: readonly Released[];
  /** By name and host. */
  readonly accessories: readonly DeclaredAccessory[];
  /** Backups and jobs, by host. */
  readonly schedules: readonly ScheduleInputs[];
  /** When that was; empty if Pulumi does not record it. */
  readonly declaredAt: string;
  /** The URLs of the app. */
  readonly urls: readonly string[];
}

/**
 * Reads it from the state of a stack. Pure.
 *
 * @param given the stack's name on the command line: a state without resources does not contain it
 * @param app which of the program's apps; needed if there are several
 */
export function declarationIn(state: Checkpoint, given?: string, app?: string): StackDeclaration {
  const checkpoint = ofApp(state, app);
  const stack = stackOf(checkpoint);
  const release = requireRelease(checkpoint, given ?? stack);
  const declared = Declared.safeParse(release.outputs);
  if (!declared.success) throw otherVersion(stack, declared.error);
  const root = appOf(checkpoint) ?? checkpoint.resources.find(({ type }) => type === "pulumi:pulumi:Stack");
  return {
    stack,
    inputs: declared.data,
    releases: listReleases(release),
    accessories: accessoriesIn(checkpoint),
    schedules: schedulesIn(checkpoint),
    declaredAt: release.modified ?? release.created ?? "",
    urls: z.array(z.string()).safeParse(root?.outputs.urls).data ?? [],
  };
}

/** The release with the values of its secrets, from a state that has them. Pure. @param given the stack's name on the command line */
export function plainReleaseIn(checkpoint: Checkpoint, given?: string): ReleaseInputs {
  const stack = stackOf(checkpoint);
  const declared = ReleaseInputs.safeParse(requireRelease(checkpoint, given ?? stack).outputs);
  if (!declared.success) throw otherVersion(stack, declared.error);
  return declared.data;
}

const otherVersion = (stack: string, error: z.ZodError): SlipwayError =>
  new SlipwayError({
    code: "STATE_FROM_OTHER_VERSION",
    what: `the state of the stack ${stack} was written by a different version of Slipway: this one cannot read its release`,
    evidence: issuesOf(error),
    servesNow: NOTHING_TOUCHED,
    next: "use that version here, or run pulumi up once with this one, which rewrites the state",
  });
