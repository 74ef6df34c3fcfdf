import { resolve } from "node:path";
import { type Access, Hosts, traceTo } from "../../hosts/index.ts";
import { hidesKeys, parseValues, rawOf, SSH_KEY, writtenText } from "../../project/config-values.ts";
import type { Project } from "../../project/project.ts";
import { accessOf } from "../../providers/pulumi/access.ts";
import { askingIn } from "./secrets.ts";

type Written = Readonly<Record<string, unknown>>;

const SOURCES_KEY = "slipway:secrets_from";
/** What Kamal's file may have of it, too, which Pulumi does not know. */
const OF_ACCESS = [SSH_KEY, SOURCES_KEY] as const;

/**
 * How this operator logs in to the hosts.
 *
 * @param written the config of the stack's file, if that is complete, with that of Kamal's file
 * @param shown what `pulumi config --show-secrets --json` prints; called only if it is needed
 */
export async function accessTo(project: Project, written: Written | undefined, shown: () => Promise<string>): Promise<Access> {
  const isPlain = written !== undefined && !hidesKeys(written);
  const own = Object.fromEntries(OF_ACCESS.map((key) => [key, writtenText(written?.[key])] as const));
  const texts: Readonly<Record<string, string | undefined>> = isPlain
    ? own
    : { ...own, ...rawOf(parseValues(await shown())).values };
  const config = { get: (key: string) => texts[key] };
  const keyed = isPlain || texts[SOURCES_KEY] === undefined ? config : await withKeys(config, project.root);
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
