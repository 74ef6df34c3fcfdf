import { z } from "zod";
import { configHash } from "../../core/config-hash.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { Milliseconds } from "../../core/words.ts";
import { StackValues } from "../../project/config-values.ts";
import { PAGE } from "./history-page.ts";
import type { Released } from "./release-history.ts";
import { sealedValues } from "./sealed-values.ts";
import { type StoredStack, WHO } from "./stored-stack.ts";

const Update = z.object({
  kind: z.string(),
  result: z.string(),
  startTime: z.coerce.date(),
  endTime: z.coerce.date(),
  config: StackValues.default({}),
  ...WHO,
});
export type Update = z.infer<typeof Update>;

const History = z.array(Update).nullable();

const MOST_PAGES = 20;

/** The updates of a stack, newest first, by pages that count from 1. */
export type Updates = (page: number) => Promise<readonly Update[]>;

/** As Pulumi prints them, with secrets decrypted. @param ask for the pages as `pulumi stack history` prints them */
export const printedUpdates =
  (ask: (page: number) => Promise<string>): Updates =>
  async (page) =>
    History.parse(JSON.parse(await ask(page))) ?? [];

/** The same from the files of a backend in a folder. Secrets are not decrypted: see `sealedValues`. Rejects if only Pulumi can read them. */
export const storedUpdates =
  (stored: StoredStack): Updates =>
  async (page) => {
    const updates = await stored.updates(page, PAGE);
    if (updates === undefined) throw new Error("the history has a different form");
    return updates.map(({ config, ...update }) => ({ ...update, config: sealedValues(config ?? {}) }));
  };

/** The config of a past release: Pulumi records it with each update. `undefined` if there is no record of it. */
export async function configOf(released: Released, updates: Updates): Promise<StackValues | undefined> {
  const all: Update[] = [];
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const read = await updates(page);
    all.push(...read);
    const update = updateOf(released, all);
    // Further back are only updates that began before.
    if (update !== undefined && isPast(released, read)) return update.config;
    if (read.length < PAGE) break;
  }
  return updateOf(released, all)?.config;
}

/** A clock that is off by more than this is not compared. */
const CLOCK_ERROR: Milliseconds = 3_600_000;

const isPast = ({ at }: Released, updates: readonly Update[]): boolean =>
  updates.some(({ endTime }) => endTime.getTime() < new Date(at).getTime() - CLOCK_ERROR);

/** Whether the newest update failed. */
export const didLastFail = async (updates: Updates): Promise<boolean> =>
  (await updates(1)).find(({ kind }) => kind === "update")?.result === "failed";

/**
 * The update that released something: one with its config. Several may have it, differing in their secrets at most; of these it is the
 * nearest one in time. A release without the hash of its config is found by the time alone.
 */
export function updateOf(released: Pick<Released, "at" | "config">, updates: readonly Update[]): Update | undefined {
  // Pulumi records times in seconds.
  const at = Math.floor(new Date(released.at).getTime() / 1000) * 1000;
  const away = ({ startTime, endTime }: Update) => Math.max(startTime.getTime() - at, at - endTime.getTime(), 0);
  const isIt = (update: Update) =>
    released.config === undefined ? away(update) === 0 : hashOf(update.config) === released.config;
  // One update may end in the second in which the next begins; a release is never the first thing that an update does.
  return updates
    .filter((update) => update.kind === "update" && isIt(update))
    .sort((a, b) => away(a) - away(b) || a.startTime.getTime() - b.startTime.getTime())[0];
}

const hashOf = (config: StackValues): string =>
  configHash(Object.fromEntries(Object.entries(config).map(([key, { value = "", secret }]) => [key, { text: value, secret }])));

export const forgotten = ({ release, at }: Released): SlipwayError =>
  new SlipwayError({
    code: "HISTORY_MISSING",
    what: `the backend has no record of the run that released ${release} at ${at}, so its config is unknown`,
    servesNow: NOTHING_TOUCHED,
    next: "check out the stack's config of that time from version control, then run slipway deploy",
  });
