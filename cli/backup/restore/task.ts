import type { Readable } from "node:stream";
import { messageOf, SlipwayError } from "../../../core/error.ts";
import type { Container, Host } from "../../../hosts/index.ts";
import type { DeclaredBackup } from "../declared-backup.ts";
import type { Kept } from "../store.ts";
import type { HeldLease } from "./held-lease.ts";

/** All that putting a backup back needs. */
export interface RestoreTask {
  /** What gets it. */
  readonly at: DeclaredBackup;
  readonly host: Host;
  readonly lease: HeldLease;
  /** The accessory's. */
  readonly container: Container;
  readonly kept: Kept;
  /** What was dumped, as it was dumped; fails at its end unless all of it came. */
  readonly content: () => Promise<Readable>;
  /** Part of the names of what is kept aside: `20261121_201530`. */
  readonly stamp: string;
  readonly say: (line: string) => void;
}

/** Puts it back. @returns where what was there before is now */
export type Restore = (task: RestoreTask) => Promise<string>;

/** What went wrong in the middle, and what is there now. */
export const failed = (
  { at, host, kept }: Pick<RestoreTask, "at" | "host" | "kept">,
  thrown: unknown,
  servesNow: string,
  evidence: readonly string[] = [],
): SlipwayError =>
  new SlipwayError(
    {
      code: "RESTORE_FAILED",
      what: `${at.name} was not restored from ${kept.id}: ${messageOf(thrown)}`,
      host: host.name,
      evidence,
      servesNow,
      next: `try another one: slipway backup list ${at.name}`,
    },
    { cause: thrown },
  );
