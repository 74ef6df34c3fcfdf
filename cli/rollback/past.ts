import { findProject, type Project, stackFilePath } from "../../project/project.ts";
import { exportStack } from "../../project/pulumi.ts";
import { ofApp } from "../stack/apps.ts";
import type { Asked } from "../stack/asked.ts";
import { type Checkpoint, type Kept, parseCheckpoint, requireRelease, stackOf } from "../stack/checkpoint.ts";
import { askPage } from "../stack/history-page.ts";
import { StoredStack } from "../stack/stored-stack.ts";
import { printedUpdates, type Updates } from "../stack/update-history.ts";

/** A stack as its backend has it. No host is asked. */
export interface Past {
  readonly project: Project;
  /** Its full name. */
  readonly stack: string;
  /** As given on the command line; `undefined` is the selected one. */
  readonly given: string | undefined;
  readonly folder: string;
  /** The place of its file. */
  readonly filePath: string;
  readonly checkpoint: Checkpoint;
  /** The release that it declared last. */
  readonly release: Kept;
  /** Its files in the backend, if that is a folder. */
  readonly stored: StoredStack | undefined;
  /** As Pulumi prints them, with secrets decrypted. */
  readonly updates: Updates;
  /** What `pulumi config --show-secrets --json` prints. */
  readonly shown: () => Promise<string>;
  /** The state as it is now. */
  readonly stateNow: () => Promise<Checkpoint>;
}

interface Which {
  readonly stack: string | undefined;
  readonly app?: string | undefined;
}

export async function openPast({ stack: given, app }: Which, asked: Asked, folder: string): Promise<Past> {
  const project = await findProject(folder);
  const named = given === undefined ? undefined : await StoredStack.find(project, given);
  const all = (await named?.state()) ?? parseCheckpoint(await asked.exported());
  const checkpoint = ofApp(all, app);
  const stack = given ?? stackOf(checkpoint);
  const release = requireRelease(checkpoint, stack);
  const stored = named ?? (await StoredStack.find(project, stack));
  return {
    project,
    stack,
    given,
    folder,
    filePath: stackFilePath(project, stack),
    checkpoint,
    release,
    stored,
    updates: printedUpdates((page) => (page === 1 ? asked.updates() : askPage(page, given, folder))),
    shown: () => asked.shown(),
    stateNow: async () => (await stored?.state()) ?? parseCheckpoint(await exportStack(given, folder)),
  };
}
