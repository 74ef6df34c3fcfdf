import { expect, it } from "vitest";
import { doubtIn } from "../../../../../cli/deploy/fast-path/decide.ts";
import { type Checkpoint, DYNAMIC, type Kept } from "../../../../../cli/stack/checkpoint.ts";

const [DIGEST, NEXT] = [`sha256:${"9".repeat(64)}`, `sha256:${"8".repeat(64)}`];

const a = (type: string, outputs: Record<string, unknown>): Kept => ({
  urn: `urn:pulumi:production::shop::${type}::it`,
  type,
  inputs: {},
  outputs,
});
const release = (more: object = {}) =>
  a(`${DYNAMIC}Release`, { version: "v1", image: `slipway.invalid/shop@${DIGEST}`, release: "v1-ab12cd34", ...more });
const hook = (of: string) => a(`${DYNAMIC}Hook`, { moment: "pre_deploy", release: of });
const build = (digest: string, name?: string) =>
  a(`${DYNAMIC}Build`, { ...(name === undefined ? {} : { name }), built: { digest, version: "v1", content: "c" } });

const stateOf = (...resources: readonly Kept[]): Checkpoint => ({
  isUnfinished: false,
  resources: [a("slipway:Deployment", { resources: resources.length + 1 }), ...resources],
});

it.each<[string, Checkpoint, string | undefined]>([
  ["all of the last run is done", stateOf(release(), hook("v1-ab12cd34"), build(DIGEST)), undefined],
  ["a hook after the release has failed", stateOf(release(), hook("v0-00000000")), "a hook has not run for the release"],
  ["a release was not begun after its build", stateOf(release(), build(NEXT)), "an image was built and is not released"],
  [
    "that of a role was not",
    stateOf(
      release({ images: { worker: { version: "v1", image: `slipway.invalid/shop-worker@${DIGEST}` } } }),
      build(NEXT, "worker"),
    ),
    "an image was built and is not released",
  ],
  ["that of a job is in no release", stateOf(release(), build(NEXT, "job report")), undefined],
])("%s", (_what, checkpoint, expected) => expect(doubtIn(checkpoint)).toBe(expected));
