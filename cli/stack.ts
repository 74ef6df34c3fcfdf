import type { Access } from "../hosts/index.ts";
import { findProject, type Project, stackFile } from "./project.ts";
import { exportStack, pulumi, showConfig } from "./pulumi.ts";
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
  const access = readAccess(project, stack);
  // Of a stack that there is not, both calls tell: the state's words are the plainer ones.
  access.catch(() => {});
  const state = parseState(await exportStack(stack, project.root), stack);
  return { ...state, access: await access };
}

async function readAccess(project: Project, stack: string | undefined): Promise<Access> {
  const name = stack ?? (await pulumi(["stack", "--show-name"], project.root)).trim();
  const written = await stackFile(project, name);
  // With this come ssh-config and zod's larger half: while Pulumi works, not before.
  const { accessTo } = await import("./reach.ts");
  return accessTo(project, written, () => showConfig(stack, project.root));
}
