import { z } from "zod";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
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
  const alone = accessoriesAlone(checkpoint);
  if (alone !== undefined) return { stack, ...alone };
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

/** What a stack of accessories without an app declared: a release of nothing. */
function accessoriesAlone(checkpoint: Checkpoint): Omit<StackDeclaration, "stack"> | undefined {
  const root = checkpoint.resources.find(({ type }) => type === "slipway:Deployment");
  const [first, ...others] = accessoriesIn(checkpoint);
  if (root === undefined || root.outputs.release !== "" || first === undefined) return undefined;
  const { stack, adopt } = first;
  return {
    inputs: Declared.parse({ ...NOTHING, service: root.urn.split("::").at(-1), stack, adopt }),
    releases: [],
    accessories: [first, ...others],
    schedules: schedulesIn(checkpoint),
    declaredAt: root.modified ?? root.created ?? "",
    urls: [],
  };
}

const NOTHING = {
  schema: 1,
  version: "",
  image: "",
  release: "",
  containers: {},
  routes: {},
  hosts: {},
  roles: {},
  proxyFiles: {},
  boot: { limit: 0, wait: 0, parallelRoles: true },
  watch: 0,
  deployTimeout: 0,
  drainTimeout: 0,
  retainContainers: 1,
};

const otherVersion = (stack: string, error: z.ZodError): SlipwayError =>
  new SlipwayError({
    code: "STATE_FROM_OTHER_VERSION",
    what: `the state of the stack ${stack} was written by a different version of Slipway: this one cannot read its release`,
    evidence: issuesOf(error),
    servesNow: NOTHING_TOUCHED,
    next: "use that version here, or run pulumi up once with this one, which rewrites the state",
  });
