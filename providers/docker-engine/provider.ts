/**
 * Docker Engine on one host.
 *
 * Owns Docker's packages where it installed them, its repository file and key (`slipway-docker`), the declared keys of `daemon.json`, and
 * the SSH user's membership in the group `docker`. Never touches other keys of `daemon.json`, another repository file, or a newer Docker.
 * Operations: set, install, upgrade, start, admit; give up where Docker is missing and must not be installed. Removal leaves Docker as it
 * is: others may need it.
 */

import type { z } from "zod";
import { isOlder } from "../../core/version.ts";
import { orStoppedBy } from "../pulumi/hooks/run-hook.ts";
import type { Run, Shown } from "../pulumi/provider.ts";
import { DRIFT } from "../steps/drift.ts";
import { obstacleOf, unreachableText } from "../steps/finding.ts";
import { onHost } from "../steps/on-host.ts";
import { DockerEngineInputs, FoundDocker } from "./inputs.ts";
import { readDocker } from "./observe.ts";
import { describeDocker, describeUnseen, planDocker } from "./plan.ts";

const DockerEngineState = DockerEngineInputs.extend({ found: FoundDocker });
export type DockerEngineState = z.infer<typeof DockerEngineState>;

export const dockerEngineProvider = onHost({
  inputs: DockerEngineInputs,
  state: DockerEngineState,
  noun: "docker",
  read: async (inputs, hosts) => ({ ...inputs, found: await readDocker(inputs, hosts.at(inputs.host)) }),
  obstacle: obstacleOf,
  plan: planDocker,
  describe: describeDocker,
  describeUnseen,
  // Most hosts have it, and a first plan is long enough.
  describeAsDeclared: "",
  describeDrift: ({ kind }) => (kind === "missing" ? [`Docker found missing${DRIFT}`] : []),
  shown,
  onNewMachine: "replace",
  converge: async (inputs, state, run) => {
    // Most runs change nothing and need none of it.
    const { convergeDocker } = await import("./apply.ts");
    // A machine that was ready once is not waited for: if it does not answer, the run fails at once.
    const patience = state === undefined ? inputs.patience : 0;
    const found = await convergeDocker(inputs, patience, run);
    // As in Kamal, whether or not it was Slipway that installed it. Without a state the next run does it again after a failure.
    if (state === undefined || state.found.kind === "missing") await afterSetup(inputs, run);
    return { ...inputs, found };
  },
  withdraw: async () => {},
});

/** Runs the user's own commands for a server whose Docker is ready for the first time. */
async function afterSetup({ host }: DockerEngineInputs, run: Run): Promise<void> {
  const consequence = {
    host: host.name,
    servesNow: `what served before; Docker runs on ${host.name}`,
    next: "it runs once more",
  };
  await run.hooks?.ofStack("docker_setup", { hosts: [host] }, run).catch(orStoppedBy(consequence));
}

function shown({ version, settings }: DockerEngineInputs, found: FoundDocker): Shown {
  switch (found.kind) {
    case "unreachable":
      return { status: unreachableText(found) };
    case "present": {
      const isOld = version !== undefined && isOlder(found.version, version);
      const now = (key: string) => (found.idle?.includes(key) ? "not in force" : (found.settings[key] ?? "missing"));
      const keys = Object.keys(settings).map((key) => [key, now(key)] as const);
      return { settings: Object.fromEntries(keys), ...(isOld ? { version: found.version } : {}) };
    }
    default:
      return { status: found.kind };
  }
}
