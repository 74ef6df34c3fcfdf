import { NOTHING_TOUCHED } from "../../core/error.ts";
import { appName } from "../../core/names.ts";
import { orStoppedBy } from "../pulumi/hooks/run-hook.ts";
import type { RunHooks } from "../pulumi/hooks/run-hooks.ts";
import type { Run } from "../pulumi/provider.ts";
import type { BuildInputs } from "./inputs.ts";

/** An app may have several images, which are built side by side: the first one that is built runs the hook for all. */
const ran = new WeakMap<RunHooks, Map<string, Promise<void>>>();

/** Runs the user's own commands before the first build of an app in this run. */
export async function preBuild(inputs: BuildInputs, run: Run): Promise<void> {
  const { __hook: hook, __secrets: secrets = {}, __facts: facts, service, destination, hosts } = inputs;
  const { hooks } = run;
  if (hook === undefined || hooks === undefined) return;
  const known = ran.get(hooks) ?? new Map<string, Promise<void>>();
  ran.set(hooks, known);
  const app = appName(inputs);
  const about = { service, destination, hosts: Object.values(hosts), roles: [], version: facts.version, secrets };
  const running = known.get(app) ?? hooks.run("pre_build", hook, about, run);
  known.set(app, running);
  await running.catch(orStoppedBy({ servesNow: NOTHING_TOUCHED, next: "it runs once more" }));
}
