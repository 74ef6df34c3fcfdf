import { openTarget, type Target } from "../reconfigure/target.ts";
import type { Asked } from "../stack/asked.ts";
import { type Kept, requireRelease } from "../stack/checkpoint.ts";
import { askPage } from "../stack/history-page.ts";
import { printedUpdates, type Updates } from "../stack/update-history.ts";

/** A stack that has released something, with its updates. */
export interface Past extends Target {
  readonly release: Kept;
  /** As Pulumi prints them, with secrets decrypted. */
  readonly updates: Updates;
}

interface Which {
  readonly stack: string | undefined;
  readonly app?: string | undefined;
}

export async function openPast(which: Which, asked: Asked, folder: string): Promise<Past> {
  const target = await openTarget(which, asked, folder);
  const { given, stack, checkpoint } = target;
  return {
    ...target,
    release: requireRelease(checkpoint, stack),
    updates: printedUpdates((page) => (page === 1 ? asked.updates() : askPage(page, given, folder))),
  };
}
