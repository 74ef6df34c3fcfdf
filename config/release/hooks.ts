import { z } from "zod";
import { field, section } from "../schema/section.ts";

/** The user's own commands around a release, run on the machine that deploys. */
export interface Hooks {
  readonly preDeploy: readonly string[];
  readonly postDeploy: readonly string[];
  readonly onFailure: readonly string[];
}

const commands = z.union([z.string().min(1), z.array(z.string().min(1))]);

export const HooksSection = section(
  {
    pre_deploy: field(commands, {
      is: "Run before a release changes anything; a failure stops the release.",
      otherwise: "nothing",
      example: "./bin/check-migrations",
    }),
    post_deploy: field(commands, {
      is: "Run after a release serves on all hosts.",
      otherwise: "nothing",
      example: ['./bin/announce "$SLIPWAY_VERSION serves"'],
    }),
    on_failure: field(commands, {
      is: "Run after a release or a server has failed to reach the declared state; SLIPWAY_ERROR has the error, its first 32 KiB. They run for 60 s at most, without the variables PULUMI_* and HCLOUD_TOKEN of the run. Their own failure has no effect.",
      otherwise: "nothing",
      example: "./bin/page-on-call",
    }),
  },
  { pre_build: "not supported: run it before slipway deploy, in your CI or a script" },
);
type HooksInput = z.infer<typeof HooksSection>;

export const resolveHooks = ({ pre_deploy = [], post_deploy = [], on_failure = [] }: HooksInput = {}): Hooks => ({
  preDeploy: [pre_deploy].flat(),
  postDeploy: [post_deploy].flat(),
  onFailure: [on_failure].flat(),
});
