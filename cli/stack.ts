import { resolve } from "node:path";
import { z } from "zod";
import type { Access } from "../hosts/index.ts";
import { findProject, type Project, stackFile } from "./project.ts";
import { pulumi } from "./pulumi.ts";
import type { StackOptions } from "./stack-option.ts";
import { parseState, type StateOfStack } from "./state.ts";

export { type StackOptions, stackOption } from "./stack-option.ts";

/** One stack: what it declared, and how this operator reaches its hosts. */
export interface Stack extends StateOfStack {
  readonly access: Access;
}

/** Reads a stack as any backend keeps it. No host is contacted, and nothing secret of the state is decrypted. */
export async function readStack({ stack }: StackOptions, folder = process.cwd()): Promise<Stack> {
  const project = await findProject(folder);
  const which = stack === undefined ? [] : ["--stack", stack];
  const access = readAccess(project, stack);
  // Of a stack that there is not, both calls tell: the state's words are the plainer ones.
  access.catch(() => {});
  const state = parseState(await pulumi(["stack", "export", ...which], project.root));
  return { ...state, access: await access };
}

async function readAccess(project: Project, stack: string | undefined): Promise<Access> {
  const name = stack ?? (await pulumi(["stack", "--show-name"], project.root)).trim();
  const written = clearConfig(await stackFile(project, name)) ?? (await shownConfig(project, stack));
  // With this come ssh-config and zod's larger half: while Pulumi works, not before.
  const { accessOf } = await import("../providers/access.ts");
  const access = accessOf({ get: (key) => written[key] }, process.env);
  const inProject = (files: readonly string[]) => files.map((file) => resolve(project.root, file));
  return {
    ...access,
    keys: inProject(access.keys),
    knownHosts: inProject(access.knownHosts),
    sshConfig: inProject(access.sshConfig),
  };
}

const SSH = "slipway:ssh";
const SECRETS = "slipway:secrets";

/** How to get in, when the file says so without a secret: decrypting is another call of Pulumi, and may need a passphrase. */
function clearConfig(config: Record<string, unknown> | undefined): Record<string, string> | undefined {
  if (config === undefined) return undefined;
  const ssh = config[SSH];
  if (ssh === undefined) return {};
  const text = typeof ssh === "string" ? ssh : JSON.stringify(ssh);
  return text.includes('"secure"') || text.includes('"key_data"') ? undefined : { [SSH]: text };
}

const Shown = z.record(z.string(), z.object({ value: z.string().optional() }));

async function shownConfig(project: Project, stack: string | undefined): Promise<Record<string, string>> {
  const which = stack === undefined ? [] : ["--stack", stack];
  const shown = Shown.parse(JSON.parse(await pulumi(["config", "--show-secrets", "--json", ...which], project.root)));
  return Object.fromEntries([SSH, SECRETS].flatMap((key) => (shown[key]?.value === undefined ? [] : [[key, shown[key].value]])));
}
