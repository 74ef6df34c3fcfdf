import { resolve } from "node:path";
import { type Access, Hosts, traceTo } from "../../hosts/index.ts";
import { hidesKeys, parseValues, rawOf, SSH_KEY, writtenText } from "../../project/config-values.ts";
import type { Project } from "../../project/project.ts";
import { accessOf } from "../../providers/pulumi/access.ts";
import { askingIn } from "./secrets.ts";

type Written = Readonly<Record<string, unknown>>;

/**
 * How this operator logs in to the hosts.
 *
 * @param written the config of the stack's file, if that is complete, with that of Kamal's file
 * @param shown what `pulumi config --show-secrets --json` prints; called only if it is needed
 */
export async function accessTo(project: Project, written: Written | undefined, shown: () => Promise<string>): Promise<Access> {
  const isPlain = written !== undefined && !hidesKeys(written);
  const texts: Readonly<Record<string, string>> = isPlain
    ? { [SSH_KEY]: writtenText(written[SSH_KEY]) ?? "" }
    : { [SSH_KEY]: writtenText(written?.[SSH_KEY]) ?? "", ...rawOf(parseValues(await shown())).values };
  const config = { get: (key: string) => texts[key] };
  const keyed = texts["slipway:secrets_from"] === undefined ? config : await withKeys(config, project.root);
  const access = accessOf(keyed, process.env);
  const inProject = (files: readonly string[]) => files.map((file) => resolve(project.root, file));
  const { keys, knownHosts, sshConfig } = access;
  return { ...access, keys: inProject(keys), knownHosts: inProject(knownHosts), sshConfig: inProject(sshConfig) };
}

async function withKeys(config: { get(key: string): string | undefined }, root: string) {
  const { withKeysOfSources } = await import("../../secrets/index.ts");
  return withKeysOfSources(config, () => askingIn(root));
}

/** The hosts of a stack, one connection each. */
export const hostsAt = (access: Access): Hosts => new Hosts(access, traceTo(process.env.SLIPWAY_TRACE));
