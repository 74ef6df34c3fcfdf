import type { Seconds } from "../../core/words.ts";
import type { Run } from "../pulumi/provider.ts";
import { ticking } from "../steps/ticking.ts";

/** Shows each second how long `work` has been waited for: `web-1: shop-web-1.4.1 finishes: 4 of 30 s`. */
export const countingDown = <T>(what: string, longest: Seconds, { report }: Pick<Run, "report">, work: Promise<T>): Promise<T> =>
  ticking((age) => report.status(`${what}: ${age} of ${Math.round(longest)} s`), work);
