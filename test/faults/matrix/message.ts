import { z } from "zod";
import type { Operation } from "../../../providers/release/operation.ts";
import { Allowance } from "./allowance.ts";
import type { Undone } from "./cover.ts";
import { Point } from "./point.ts";

/** Those whose changes meet faults, beside the release's. */
export const PROVIDERS = ["accessory", "schedule", "firewall", "proxy", "hardening", "docker-engine", "setup"] as const;
export type ProviderName = (typeof PROVIDERS)[number];

/** Of a release. */
const ReleaseOrder = z.object({
  kind: z.literal("release"),
  /** `slipway:ssh` as JSON. */
  ssh: z.string(),
  owner: z.string(),
  /** Inputs of the proxies and of the release, as the program declares them. */
  proxies: z.array(z.unknown()).readonly(),
  release: z.unknown(),
  /** What the last successful run gave; none at first. */
  state: z.unknown().optional(),
});
export type ReleaseOrder = z.infer<typeof ReleaseOrder>;

/** Of a change that one provider makes to one host. */
const ChangeOrder = z.object({
  kind: z.literal("change"),
  ssh: z.string(),
  owner: z.string(),
  provider: z.enum(PROVIDERS),
  inputs: z.unknown(),
  /** What the last successful run gave; none at first. */
  state: z.unknown().optional(),
  /** Whether it is declared, or was. */
  to: z.enum(["converge", "withdraw"]),
});
export type ChangeOrder = z.infer<typeof ChangeOrder>;

/** What a run is to do. Inputs hold secrets, so they come through the channel between parent and child and never as arguments. */
export const Order = z.discriminatedUnion("kind", [ReleaseOrder, ChangeOrder]);
export type Order = z.infer<typeof Order>;

/** The parent lets the call at this point happen, or the run go on after it. */
export const Go = z.object({ kind: z.literal("go"), ticket: z.number() });
export type Go = z.infer<typeof Go>;

export const FromParent = z.discriminatedUnion("kind", [ReleaseOrder, ChangeOrder, Go]);

export const FromChild = z.discriminatedUnion("kind", [
  /** Waits at a point until the parent says go. */
  z.object({ kind: z.literal("at"), ticket: z.number(), point: Point }),
  /** What follows is the change itself: before a release, the proxies are as declared. */
  z.object({ kind: z.literal("begins") }),
  /** An attempt is about to carry out this plan. */
  z.object({ kind: z.literal("planned"), operations: z.array(z.custom<Operation>()) }),
  /** The same of a change: the calls that its plan stands for. */
  Allowance.extend({ kind: z.literal("allowed") }),
  /** A failed attempt is about to undo these. */
  z.object({ kind: z.literal("reverting"), undone: z.array(z.custom<Undone>()) }),
  /** What a person would read meanwhile. */
  z.object({ kind: z.literal("said"), text: z.string() }),
  /** `changed`: whether there was anything to do. */
  z.object({ kind: z.literal("done"), state: z.unknown().optional(), changed: z.boolean() }),
  /** Failed; `isExpected`: with an error made for its reader. */
  z.object({ kind: z.literal("failed"), isExpected: z.boolean(), text: z.string() }),
]);
export type FromChild = z.infer<typeof FromChild>;
