import { resolve } from "node:path";
import { Hosts, traceTo } from "../hosts/index.ts";
import { accessOf } from "../providers/access.ts";
import type { Project } from "./project.ts";
import { parseValues, rawOf } from "./stack-values.ts";

/** Whether how to get in stands in the file in part only. */
export const hidesKeys = ({ "slipway:ssh": ssh }: Readonly<Record<string, unknown>>): boolean =>
  /"secure"|"key_data"/.test(JSON.stringify(ssh ?? ""));

/**
 * The hosts as this operator reaches them.
 *
 * @param written the config of the stack's file, if that says everything
 * @param shown what `pulumi config --show-secrets --json` prints; called only if it is needed
 */
export async function hostsOf(
  project: Project,
  written: Readonly<Record<string, unknown>> | undefined,
  shown: () => Promise<string>,
): Promise<Hosts> {
  const texts = written === undefined || hidesKeys(written) ? rawOf(parseValues(await shown())).values : sshOf(written);
  const access = accessOf({ get: (key) => texts[key] }, process.env);
  const inProject = (files: readonly string[]) => files.map((file) => resolve(project.root, file));
  const { keys, knownHosts, sshConfig } = access;
  return new Hosts(
    { ...access, keys: inProject(keys), knownHosts: inProject(knownHosts), sshConfig: inProject(sshConfig) },
    traceTo(process.env.SLIPWAY_TRACE),
  );
}

const sshOf = ({ "slipway:ssh": ssh }: Readonly<Record<string, unknown>>): Record<string, string> =>
  ssh === undefined ? {} : { "slipway:ssh": JSON.stringify(ssh) };
