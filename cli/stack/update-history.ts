import { z } from "zod";
import { NOTHING_TOUCHED, SlipwayError } from "../../core/error.ts";
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
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const updates = await readPage(page, stack, folder);
    const update = updateOf(released.at, updates);
    if (update !== undefined) return update.config;
    if (updates.length < PAGE) break;
  }
  throw forgotten(released);
}

/** Whether the newest update failed. */
export async function didLastFail(stack: string | undefined, folder: string): Promise<boolean> {
  const updates = await readPage(1, stack, folder);
  return updates.find(({ kind }) => kind === "update")?.result === "failed";
}

/** The update during which something happened. Pulumi records times in seconds. */
export function updateOf(at: string, updates: readonly Update[]): Update | undefined {
  const second = Math.floor(new Date(at).getTime() / 1000) * 1000;
  const around = updates.filter(
    ({ kind, startTime, endTime }) => kind === "update" && startTime.getTime() <= second && second <= endTime.getTime(),
  );
  // One update may end in the second in which the next begins; a release is never the first thing that an update does.
  return around.sort((a, b) => a.startTime.getTime() - b.startTime.getTime())[0];
}

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
