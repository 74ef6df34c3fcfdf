import { z } from "zod";
import type { Bytes, Milliseconds, Seconds } from "../../../core/words.ts";

/** How many bytes are an MB, here and on a line's price list. */
export const MB: Bytes = 1_000_000;

/** What is between the operator and the hosts. */
export interface LineShape {
  /** Added to the round trip; 0 is the lab's own network. */
  readonly rtt_ms: Milliseconds;
  /** What the operator can send in a second, to all together. Absent: not limited. */
  readonly mbit?: number | undefined;
}

/** An image that changed a little goes to hosts that have what it was before, by each way. Medians; all bytes are those that leave the operator. */
export const TransferRow = z.object({
  rounds: z.number(),
  /** All layers of the image, compressed. */
  image_mb: z.number(),
  /** The layer that the hosts lack. */
  changed_mb: z.number(),
  hosts: z.number(),
  rtt_ms: z.number(),
  mbit: z.number().optional(),
  /** By Slipway, to all hosts together, with what SSH adds. */
  bytes: z.number(),
  s: z.number(),
  /** `docker save | ssh HOST docker load`, to all hosts at once. On a limited line `save_load_s` is what the line needs for these bytes. */
  save_load_bytes: z.number(),
  save_load_s: z.number(),
  /** `docker push`, then `ssh HOST docker pull` on all hosts at once. The line is that to the registry; from there to the hosts it is not limited. */
  registry_bytes: z.number(),
  registry_s: z.number(),
  /** What the line needs for `bytes`: by formula if it is limited, else `ssh HOST 'cat >/dev/null'` of as many to all hosts at once. */
  limit_s: z.number(),
  /** One stream through a port of one host's loopback to this machine: Slipway's, and `ssh -R`. Only on a line without a limit. */
  ours_mb_s: z.number().optional(),
  openssh_mb_s: z.number().optional(),
});
export type TransferRow = z.infer<typeof TransferRow>;

/** What a line of that speed needs at least. @example secondsOnLine(5_000_000, 20) // 2 */
export const secondsOnLine = (bytes: Bytes, mbit: number): Seconds => (bytes * 8) / (mbit * 1_000_000);
