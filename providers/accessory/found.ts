import { z } from "zod";
import { RouteOptions } from "../../core/route.ts";
import { inState } from "../steps/finding.ts";

/** What a container has mounted. */
export const FoundMount = z.object({
  kind: z.enum(["volume", "bind"]),
  /** The volume's name, or the folder on the host. */
  source: z.string(),
  target: z.string(),
});
export type FoundMount = z.infer<typeof FoundMount>;

/** A container under the accessory's name, or under that of its candidate. */
export const FoundContainer = z.object({
  id: z.string(),
  name: z.string(),
  /** `ours`: made for this accessory. `kamal`: as Kamal labels it. All others are somebody's. */
  of: z.enum(["ours", "kamal", "somebody"]),
  /** Who made it, for people: `the accessory db of slipway/staging`, `nobody that says so`. */
  whose: z.string(),
  /** The spec hash of its label; empty on one that we did not make. */
  spec: z.string(),
  /** As it was written for it. */
  image: z.string(),
  /** `sha256:…`; empty on one that was made from a tag. */
  digest: z.string(),
  /** Whether it has a process, or will have one at any moment: also one that Docker starts over and over again, or that is paused. */
  running: z.boolean(),
  /** For people: `running`, `stopped with code 1`. */
  status: z.string(),
  /** `Limits`: what Docker can change on a running container. */
  limits: z.object({
    restart: z.object({ name: z.string(), maximumRetryCount: z.number() }),
    /** Bytes. */
    memory: z.number(),
    /** Billionths of a CPU. */
    nanoCpus: z.number(),
  }),
  mounts: z.array(FoundMount),
});
export type FoundContainer = z.infer<typeof FoundContainer>;

/** One accessory on its host, as found. */
export const FoundAccessory = inState(
  z.discriminatedUnion("kind", [
    z.object({
      kind: z.literal("present"),
      /** Under the accessory's own name. */
      main: FoundContainer.optional(),
      /** Under its name with `-next`: of a replace that is under way, or did not end. */
      next: FoundContainer.optional(),
      /** Throw-away containers of a run that was killed. */
      helpers: z.array(z.object({ id: z.string(), name: z.string() })),
      /** Whether its network is there. */
      network: z.boolean(),
      /** Volumes with the label of this accessory. */
      volumes: z.array(z.string()),
      /** Its route in kamal-proxy, looked for where one is or was declared. */
      route: z.object({ targets: z.array(z.string()), options: RouteOptions }).optional(),
    }),
    z.object({ kind: z.literal("unreachable"), reason: z.string() }),
  ]),
);
export type FoundAccessory = z.infer<typeof FoundAccessory>;

/** An accessory whose host answered. */
export type Reached = Extract<FoundAccessory, { kind: "present" }>;
