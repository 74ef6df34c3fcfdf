import type { Access } from "../../hosts/index.ts";
import { declaredConfig, findProject, type Project } from "../../project/project.ts";
import { exportStack, selectedStack, showConfig } from "../../project/pulumi.ts";
import { accessoriesIn, type DeclaredAccessory } from "./accessories.ts";
import { appsIn, ofApp } from "./apps.ts";
import { type Checkpoint, parseCheckpoint } from "./checkpoint.ts";
import { declarationIn, type StackDeclaration } from "./declaration.ts";
import type { StackOptions } from "./option.ts";

export { type StackOptions, stackOption } from "./option.ts";

/** What a stack declared, and how this operator reaches its hosts. */
export interface Stack extends StackDeclaration {
  readonly access: Access;
}

/** Reads a stack from its backend. Contacts no host, and decrypts no secret of the state. */
export const readStack = ({ stack, app }: StackOptions, folder = process.cwd()): Promise<Stack> =>
  read(stack, folder, (state) => declarationIn(state, stack, app));

/** The same for each app of a program, or for the one that is named. */
export async function readApps({ stack, app }: StackOptions, folder = process.cwd()): Promise<[Stack, ...Stack[]]> {
  const { first, others, access } = await read(stack, folder, (state) => {
    const apps = app === undefined ? appsIn(state) : [app];
    const [first, ...others] = apps.map((one) => declarationIn(state, stack, one));
    return { first: first ?? declarationIn(state, stack), others };
  });
  return [{ ...first, access }, ...others.map((one) => ({ ...one, access }))];
}

/** The accessories of a stack. */
export interface AccessoriesOfStack {
  readonly accessories: readonly DeclaredAccessory[];
  readonly access: Access;
}

/** Like `readStack`, for a stack that may have no release yet: accessories are created first. */
export const readAccessories = ({ stack, app }: StackOptions, folder = process.cwd()): Promise<AccessoriesOfStack> =>
  read(stack, folder, (state) => ({ accessories: accessoriesIn(ofApp(state, app)) }));

async function read<T>(
  stack: string | undefined,
  folder: string,
  pick: (state: Checkpoint) => T,
): Promise<T & { access: Access }> {
  const project = await findProject(folder);
  const access = readAccess(project, stack);
  // Both calls fail if the stack is missing: the error of the state is the clearer one.
  access.catch(() => {});
  const picked = pick(parseCheckpoint(await exportStack(stack, project.root)));
  return { ...picked, access: await access };
}

async function readAccess(project: Project, stack: string | undefined): Promise<Access> {
  const name = stack ?? (await selectedStack(project.root));
  const written = await declaredConfig(project, name);
  // This loads much of zod: while Pulumi works, not before.
  const { accessTo } = await import("./access.ts");
  return accessTo(project, written, () => showConfig(stack, project.root));
}
