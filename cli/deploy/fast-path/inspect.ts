import { Address, type Hosts } from "../../../hosts/index.ts";
import { hidesKeys } from "../../../project/config-values.ts";
import { type DeclarationHash, declarationHash } from "../../../project/declaration-hash.ts";
import { declaredConfig, findProject, type Project } from "../../../project/project.ts";
import { accessTo, hostsAt } from "../../stack/access.ts";
import type { Asked } from "../../stack/asked.ts";
import { buildsIn, type Checkpoint, isDynamic, parseCheckpoint, stackOf } from "../../stack/checkpoint.ts";
import { StoredStack } from "../../stack/stored-stack.ts";
import { decide, type Questions } from "./decide.ts";
import { askForImages, needsNoLogin, noteOnPinned } from "./digest.ts";
import { type FromFiles, noteReleased } from "./files.ts";
import { type Answer, startEngine } from "./outcome.ts";

export interface Sources {
  /** As given on the command line. */
  readonly stack: string | undefined;
  /** The same, or the name of the selected stack; `undefined` if only Pulumi knows it. */
  readonly name: string | undefined;
  readonly folder: string;
  readonly files: FromFiles;
  readonly asked: Asked;
  readonly signal: AbortSignal;
}

/** Reads the state, the files, the registry and the hosts, in parallel where nothing depends on it; see `tryFastPath`. */
export async function inspect({ stack: given, name, folder, files, asked, signal }: Sources): Promise<Answer> {
  const project = await findProject(folder);
  if (name !== undefined && (await isFileEnough(project, name))) asked.dropShown();
  const stored = name === undefined ? undefined : await StoredStack.find(project, name);
  const checkpoint = (await stored?.state()) ?? parseCheckpoint(await asked.exported());
  const stack = given ?? stackOf(checkpoint);
  const written = await declaredConfig(project, stack);
  if (written === undefined) return { outcome: startEngine("the stack's file does not contain all of its config") };

  const { declared: seen } = files;
  const declaration: DeclarationHash =
    seen?.stack === stack ? { kind: "known", hash: seen.hash } : declarationHash(project.root, stack);
  const declared = declaration.kind === "known" ? { stack, hash: declaration.hash } : undefined;
  const outcome = await decide(checkpoint, declaration, async (): Promise<Questions> => {
    const hosts = hostsAt(await accessTo(project, written, () => asked.shown()));
    signal.addEventListener("abort", () => void hosts.close(), { once: true });
    const connected = connect(checkpoint, hosts);
    const { driftsOf } = await import("./drift.ts");
    const drift = driftsOf(checkpoint, hosts);
    const builds = buildsIn(checkpoint);
    const images = askForImages(written, project.root, () => asked.shown());
    if (builds.length === 0) return { images, drift: [...drift, connected] };
    const { changedBuild } = await import("./changed-build.ts");
    const changed = changedBuild(builds, project.root);
    return { images, drift: [changed, ...drift, connected] };
  });
  if (outcome.kind === "nothing to do") await noteReleased(given, folder, stack, declared);
  return { outcome, declared, note: noteOnPinned(written) };
}

/** Whether nothing in the config that the fast path needs is secret: neither a registry login nor an SSH key. */
async function isFileEnough(project: Project, stack: string): Promise<boolean> {
  const written = await declaredConfig(project, stack);
  return written !== undefined && needsNoLogin(written) && !hidesKeys(written);
}

/** Opens the connections while the code that uses them is loaded. Their first user gets the error of one that fails. */
async function connect({ resources }: Checkpoint, hosts: Hosts): Promise<undefined> {
  const addresses = resources.filter(isDynamic).flatMap(({ outputs }) => Address.safeParse(outputs.host).data ?? []);
  await Promise.allSettled(addresses.map((address) => hosts.at(address).connect()));
}
