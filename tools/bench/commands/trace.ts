import { readFile } from "node:fs/promises";
import { z } from "zod";

/** A line of SLIPWAY_TRACE. */
const TracedEvent = z.object({
  /** The moment of its end. */
  at: z.coerce.date(),
  host: z.string(),
  kind: z.string(),
  what: z.string(),
  ms: z.number(),
});
export type TracedEvent = z.infer<typeof TracedEvent>;

/** What a run asked of hosts; nothing if it asked none. */
export async function readTrace(file: string): Promise<TracedEvent[]> {
  const lines = (await readFile(file, "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
  return lines.map((line) => TracedEvent.parse(JSON.parse(line)));
}
