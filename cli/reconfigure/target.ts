import { findProject, type Project, stackFilePath } from "../../project/project.ts";
import { exportStack, selectedStack } from "../../project/pulumi.ts";
import { ofApp } from "../stack/apps.ts";
import type { Asked } from "../stack/asked.ts";
import { type Checkpoint, type Kept, parseCheckpoint, releaseIn, stackOf } from "../stack/checkpoint.ts";
import { StoredStack } from "../stack/stored-stack.ts";

/** A stack whose config a command writes, as its backend has it. No host is asked. */
export interface Target {
  readonly project: Project;
  /** Its full name. */
  readonly stack: string;
  /** As given on the command line; `undefined` is the selected one. */
  readonly given: string | undefined;
  readonly folder: string;
  /** The place of its file. */
  readonly filePath: string;
  readonly checkpoint: Checkpoint;
  /** The release that it declared last; `undefined`: nothing was released yet. */
  readonly release: Kept | undefined;
  /** Its files in the backend, if that is a folder. */
  readonly stored: StoredStack | undefined;
  /** What `pulumi config --show-secrets --json` prints. */
  readonly shown: () => Promise<string>;
  /** The state as it is now. */
  readonly stateNow: () => Promise<Checkpoint>;
}

interface Which {
  readonly stack: string | undefined;
  readonly app?: string | undefined;
}

export async function openTarget({ stack: given, app }: Which, asked: Asked, folder: string): Promise<Target> {
  const project = await findProject(folder);
  const named = given === undefined ? undefined : await StoredStack.find(project, given);
  const all = (await named?.state()) ?? parseCheckpoint(await asked.exported());
  const checkpoint = ofApp(all, app);
  // A state without resources does not say whose it is.
  const stack = given ?? (stackOf(checkpoint) || (await selectedStack(folder)));
  const stored = named ?? (await StoredStack.find(project, stack));
  return {
    project,
    stack,
    given,
    folder,
    filePath: stackFilePath(project, stack),
    checkpoint,
    release: releaseIn(checkpoint),
    stored,
    shown: () => asked.shown(),
    stateNow: async () => (await stored?.state()) ?? parseCheckpoint(await exportStack(given, folder)),
  };
}
