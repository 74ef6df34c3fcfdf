import { z } from "zod";
import type { HostName } from "../../../core/words.ts";

/** Calls that a plan stands for: the name of a call, as the trace has it → the most times that it is made. */
export type Calls = Readonly<Record<string, number>>;

/** What a plan that is about to be carried out, or taken back, may do to one host. */
export const Allowance = z.object({ host: z.string(), calls: z.record(z.string(), z.number()) });
export type Allowance = z.infer<typeof Allowance>;

/** Sums up what several plans may do. */
export class Allowances {
  readonly #most = new Map<string, number>();

  allow(host: HostName, calls: Calls): void {
    for (const [call, times] of Object.entries(calls)) this.#most.set(`${host}: ${call}`, this.most(host, call) + times);
  }

  most(host: HostName, call: string): number {
    return this.#most.get(`${host}: ${call}`) ?? 0;
  }
}
