import { z } from "zod";
import { configHash } from "../../core/config-hash.ts";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
import type { Milliseconds } from "../../core/words.ts";
import { StackValues } from "../../project/config-values.ts";
import { pulumi, stackArguments } from "../../project/pulumi.ts";
import type { Released } from "./release-history.ts";

const Update = z.object({
  kind: z.string(),
  result: z.string(),
  startTime: z.coerce.date(),
  endTime: z.coerce.date(),
  config: StackValues.default({}),
});
export type Update = z.infer<typeof Update>;

const History = z.array(Update).nullable();

const PAGE = 50;
const MOST_PAGES = 20;

/** The config of a past release: Pulumi records it with each update. Secrets are decrypted. */
export async function configOf(released: Released, stack: string | undefined, folder: string): Promise<StackValues> {
  const all: Update[] = [];
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const updates = await readPage(page, stack, folder);
    all.push(...updates);
    const update = updateOf(released, all);
    // Further back are only updates that began before.
    if (update !== undefined && isPast(released, updates)) return update.config;
    if (updates.length < PAGE) break;
  }
  const update = updateOf(released, all);
  if (update === undefined) throw forgotten(released);
  return update.config;
}

/** A clock that is off by more than this is not compared. */
const CLOCK_ERROR: Milliseconds = 3_600_000;

const isPast = ({ at }: Released, updates: readonly Update[]): boolean =>
  updates.some(({ endTime }) => endTime.getTime() < new Date(at).getTime() - CLOCK_ERROR);

/** Whether the newest update failed. */
export async function didLastFail(stack: string | undefined, folder: string): Promise<boolean> {
  const updates = await readPage(1, stack, folder);
  return updates.find(({ kind }) => kind === "update")?.result === "failed";
}

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

async function readPage(page: number, stack: string | undefined, folder: string): Promise<Update[]> {
  const pages = ["--page-size", String(PAGE), "--page", String(page)];
  const json = await pulumi(["stack", "history", "--json", "--show-secrets", ...pages, ...stackArguments(stack)], folder);
  return History.parse(JSON.parse(json)) ?? [];
}

const forgotten = ({ release, at }: Released): SlipwayError =>
  new SlipwayError({
    code: "HISTORY_MISSING",
    what: `the backend has no record of the run that released ${release} at ${at}, so its config is unknown`,
    servesNow: NOTHING_TOUCHED,
    next: "check out the stack's config of that time from version control, then run slipway deploy",
  });
