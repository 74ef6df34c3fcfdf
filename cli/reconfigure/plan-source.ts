import { z } from "zod";
import type { DeclarationHash } from "../../project/declaration-hash.ts";
import { changeSince, doubtIn } from "../deploy/fast-path/decide.ts";
import { type Checkpoint, DYNAMIC } from "../stack/checkpoint.ts";
import type { Change } from "./changes.ts";

/** Keys that decide nothing but the release. */
const OF_RELEASE: ReadonlySet<string> = new Set(
  ["image", "version", "env", "release", "boot", "watch", "readiness_delay", "retain_containers", "stop_wait"].map(
    (key) => `slipway:${key}`,
  ),
);

/**
 * Why the plan has to be the engine's; `undefined` if it can be made from a look at the hosts. A run is held to the plan that
 * was shown, so that a reason which is missing here stops it before it changes anything. Pure.
 *
 * @param declaration the project's files before they are changed
 */
export function needsEngine(
  checkpoint: Checkpoint,
  declaration: DeclarationHash,
  changes: readonly Change[],
): string | undefined {
  const doubt = doubtIn(checkpoint) ?? changeSince(checkpoint, declaration);
  if (doubt !== undefined) return doubt;
  if (changes.some(({ secret }) => secret)) return "secrets change";
  const other = changes.find(({ path }) => !OF_RELEASE.has(path[0] ?? ""));
  if (other !== undefined) return `${other.path[0]} may change more than the release`;
  if (checkpoint.resources.some(({ type, outputs }) => type === `${DYNAMIC}Schedule` && hasJobs(outputs)))
    return "jobs change with the release";
  if (checkpoint.resources.some(({ type }) => type === `${DYNAMIC}Hook`)) return "hooks run with the release";
  return undefined;
}

const Jobs = z.object({ jobs: z.record(z.string(), z.unknown()) });

const hasJobs = (outputs: unknown): boolean => Object.keys(Jobs.safeParse(outputs).data?.jobs ?? {}).length > 0;
