import type { Access } from "../../hosts/index.ts";
import { declaredConfig, findProject, type Project } from "../../project/project.ts";
import { exportPlain, exportStack, selectedStack, showConfig } from "../../project/pulumi.ts";
import type { ReleaseInputs } from "../../providers/release/inputs.ts";
import { accessoriesIn, type DeclaredAccessory } from "./accessories.ts";
import { appsIn, ofApp } from "./apps.ts";
import { type Checkpoint, parseCheckpoint, parsePlainCheckpoint, stackOf } from "./checkpoint.ts";
import { declarationIn, plainReleaseIn, type StackDeclaration } from "./declaration.ts";
import { type Machines, machinesIn } from "./machines.ts";
import type { StackOptions } from "./option.ts";

import { proxiesIn } from "./proxies.ts";

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

/** A release with the values of its secrets, as its containers need them. */
export interface PlainRelease {
  readonly inputs: ReleaseInputs;
  readonly access: Access;
}

/** Like `readStack`, for a command that creates containers of the release. */
export async function readPlainRelease({ stack, app }: StackOptions, folder = process.cwd()): Promise<PlainRelease> {
  const project = await findProject(folder);
  const access = readAccess(project, stack);
  access.catch(() => {});
  const state = ofApp(parsePlainCheckpoint(await exportPlain(stack, project.root)), app);
  return { inputs: plainReleaseIn(state, stack), access: await access };
}

/** Like `readStack`, for commands about the hosts themselves: nothing has to be released there yet. */
export const readMachines = ({ stack, app }: StackOptions, folder = process.cwd()): Promise<Machines & { access: Access }> =>
  read(stack, folder, (state) => machinesIn(app === undefined ? state : ofApp(state, app)));

/** The same, for commands about their proxies, which apps share. */
export const readProxies = (
  { stack }: StackOptions,
  folder = process.cwd(),
): Promise<{ hosts: Machines["hosts"]; stack: string; access: Access }> =>
  read(stack, folder, (state) => ({ hosts: proxiesIn(state), stack: stackOf(state) }));

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
