import { z } from "zod";
import type { Operation } from "../../../providers/release/operation.ts";
import type { Undone } from "./cover.ts";
import { Point } from "./point.ts";

/** What a run is to do. Inputs hold secrets, so they come through the channel between parent and child and never as arguments. */
export const Order = z.object({
  kind: z.literal("order"),
  /** `slipway:ssh` as JSON. */
  ssh: z.string(),
  owner: z.string(),
  /** Inputs of the proxies and of the release, as the program declares them. */
  proxies: z.array(z.unknown()).readonly(),
  release: z.unknown(),
  /** What the last successful run gave; none at first. */
  state: z.unknown().optional(),
});
export type Order = z.infer<typeof Order>;

/** The parent lets the call at this point happen, or the run go on after it. */
export const Go = z.object({ kind: z.literal("go"), ticket: z.number() });
export type Go = z.infer<typeof Go>;

export const FromParent = z.discriminatedUnion("kind", [Order, Go]);

export const FromChild = z.discriminatedUnion("kind", [
  /** Waits at a point until the parent says go. */
  z.object({ kind: z.literal("at"), ticket: z.number(), point: Point }),
  /** The proxies are as declared; what follows is the release. */
  z.object({ kind: z.literal("releasing") }),
  /** An attempt is about to carry out this plan. */
  z.object({ kind: z.literal("planned"), operations: z.array(z.custom<Operation>()) }),
  /** A failed attempt is about to undo these. */
  z.object({ kind: z.literal("reverting"), undone: z.array(z.custom<Undone>()) }),
  /** What a person would read meanwhile. */
  z.object({ kind: z.literal("said"), text: z.string() }),
  z.object({ kind: z.literal("done"), state: z.unknown() }),
  /** Failed; `isExpected`: with an error made for its reader. */
  z.object({ kind: z.literal("failed"), isExpected: z.boolean(), text: z.string() }),
]);
export type FromChild = z.infer<typeof FromChild>;
