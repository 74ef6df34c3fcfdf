import { z } from "zod";
import { field, later, section } from "../schema/section.ts";

/** A person's own commands around a release, run on the machine that deploys. */
export interface Hooks {
  readonly preDeploy: readonly string[];
  readonly postDeploy: readonly string[];
  readonly onFailure: readonly string[];
}

const commands = z.union([z.string().min(1), z.array(z.string().min(1))]);

export const HooksSection = section(
  {
    pre_deploy: field(commands, {
      is: "Before a release changes anything; a failure stops it.",
      otherwise: "nothing",
      example: "./bin/check-migrations",
    }),
    post_deploy: field(commands, {
      is: "After a release serves everywhere.",
      otherwise: "nothing",
      example: ['./bin/announce "$SLIPWAY_VERSION serves"'],
    }),
    on_failure: field(commands, {
      is: "After a release or a server could not be brought to what is declared; what went wrong is in SLIPWAY_ERROR. Its own failure changes nothing.",
      otherwise: "nothing",
      example: "./bin/page-somebody",
    }),
  },
  later("pre_build"),
);
type HooksInput = z.infer<typeof HooksSection>;

export const resolveHooks = ({ pre_deploy = [], post_deploy = [], on_failure = [] }: HooksInput = {}): Hooks => ({
  preDeploy: [pre_deploy].flat(),
  postDeploy: [post_deploy].flat(),
  onFailure: [on_failure].flat(),
});
