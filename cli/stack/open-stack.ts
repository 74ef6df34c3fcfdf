import type { Hosts } from "../../hosts/index.ts";
import { declaredConfig, findProject, type Project } from "../../project/project.ts";
import { exportStack, showConfig } from "../../project/pulumi.ts";
import { accessTo, hostsAt } from "./access.ts";
import { ofApp } from "./apps.ts";
import { type Checkpoint, type Kept, parseCheckpoint, requireRelease, stackOf } from "./checkpoint.ts";

/** A stack with its state, its last release and its hosts. */
export interface OpenedStack extends AsyncDisposable {
  readonly project: Project;
  /** Its full name. */
  readonly stack: string;
  /** As given on the command line; `undefined` is the selected one. */
  readonly given: string | undefined;
  readonly checkpoint: Checkpoint;
  /** The release that it declared last. */
  readonly release: Kept;
  readonly hosts: Hosts;
  /** What `pulumi config --show-secrets --json` prints; run once, when it is first needed. */
  shown(): Promise<string>;
}

/** @param app which of the program's apps; needed if there are several */
export async function openStack(given: string | undefined, folder = process.cwd(), app?: string): Promise<OpenedStack> {
  const [project, json] = await Promise.all([findProject(folder), exportStack(given, folder)]);
  const checkpoint = ofApp(parseCheckpoint(json), app);
  const stack = given ?? stackOf(checkpoint);
  const release = requireRelease(checkpoint, stack);
  let asked: Promise<string> | undefined;
  const shown = () => {
    asked ??= showConfig(given, folder);
    return asked;
  };
  const hosts = hostsAt(await accessTo(project, await declaredConfig(project, stack), shown));
  return { project, stack, given, checkpoint, release, hosts, shown, [Symbol.asyncDispose]: () => hosts.close() };
}
