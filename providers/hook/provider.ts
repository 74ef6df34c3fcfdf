/**
 * The user's own commands before or after a release, on the machine that deploys.
 *
 * Owns nothing: the effect of the commands is not observed. They run once for each release, whatever else of them changes.
 * Operations: run. Removal undoes nothing.
 */
import { z } from "zod";
import { Hook } from "../../core/hook.ts";
import { Address } from "../../hosts/index.ts";
import { orStoppedBy } from "../pulumi/hooks/run-hook.ts";
import type { Provider, Run } from "../pulumi/provider.ts";

const HookInputs = z.object({
  schema: z.literal(1),
  service: z.string(),
  destination: z.string().optional(),
  moment: z.enum(["pre_deploy", "post_deploy"]),
  __hook: Hook,
  version: z.string(),
  /** By digest. */
  image: z.string(),
  release: z.string(),
  hosts: z.record(z.string(), Address),
  roles: z.array(z.string()),
  /** Their values are variables of the commands. */
  secrets: z.record(z.string(), z.string()),
  /** A resource of `@pulumi/command` has run them for this release: earlier versions declared one. */
  adopted: z.literal(true).optional(),
});
type HookInputs = z.infer<typeof HookInputs>;

const HookState = HookInputs.omit({ adopted: true });
type HookState = z.infer<typeof HookState>;

/** What `command:local:Command` had as inputs. */
const Earlier = z.looseObject({ create: z.string(), triggers: z.tuple([z.string()]) });

export const hookProvider: Provider<HookInputs, HookState> = {
  inputs: HookInputs,
  state: HookState,
  id: ({ service, moment }) => `${service}:${moment}`,

  plan: ({ moment, release, adopted }, state) =>
    adopted === true || state?.release === release
      ? { changes: state === undefined, text: `hooks.${moment} has run for ${release}` }
      : { changes: true, text: `run hooks.${moment} for ${release}` },

  converge: async ({ adopted, ...inputs }, state, run) => {
    if (adopted !== true && state?.release !== inputs.release) await runOnce(inputs, run);
    return inputs;
  },

  read: async ({ adopted: _adopted, ...inputs }, _run, state) => ({ found: "same", state: state ?? inputs }),

  adopt: (olds, { release }) => {
    const earlier = Earlier.safeParse(olds);
    return earlier.success && earlier.data.triggers[0] === release ? { adopted: true } : undefined;
  },

  claims: () => [],

  withdraw: async () => {},
};

/** What a failure means: the run stops before the release, or its end is reported. */
const CONSEQUENCES = {
  pre_deploy: { servesNow: "what served before; the release has not begun", next: "it runs once more" },
  post_deploy: { servesNow: "the new release, on all hosts: it is done", next: "it runs once more" },
} as const;

async function runOnce(inputs: HookState, run: Run): Promise<void> {
  const { service, destination, moment, __hook: hook, version, image, release, hosts, roles, secrets } = inputs;
  const about = { service, destination, hosts: Object.values(hosts), roles, version, image, release, secrets };
  const runtime = moment === "post_deploy" ? { runtime: process.uptime() } : {};
  await run.hooks?.run(moment, hook, { ...about, ...runtime }, run).catch(orStoppedBy(CONSEQUENCES[moment]));
}
