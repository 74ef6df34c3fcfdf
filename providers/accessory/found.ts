import { z } from "zod";
import { RouteOptions } from "../../core/route.ts";
import { inState, Unobserved } from "../steps/finding.ts";
import { UnreadRestore } from "../steps/restore.ts";

/** A mount of a container. */
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
  /** `ours`: created for this accessory. `kamal`: labelled as Kamal does. `other`: any other container, also in state of earlier versions. */
  of: z.enum(["ours", "kamal", "other"]).catch("other"),
  /** What it belongs to, as shown: `the accessory db of slipway/staging`. */
  whose: z.string(),
  /** The stack that its label names. */
  stack: z.string().optional(),
  /** The spec hash in its label; that of the inputs if it was created by Kamal and is as declared, else empty on containers that we did not create. */
  spec: z.string(),
  /** As declared when it was created. */
  image: z.string(),
  /** `sha256:…`; empty on a container that was created from a tag. */
  digest: z.string(),
  /** Whether it has a process, or may have one at any moment: also true while it crash-loops or is paused. */
  running: z.boolean(),
  /** As shown: `running`, `stopped with code 1`. */
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
  /** Ports of the host that lead to it from any address. */
  open: z.array(z.number()).default([]),
});
export type FoundContainer = z.infer<typeof FoundContainer>;

/** A container of any owner that writes to what this accessory writes to. */
export const FoundRival = z.object({
  id: z.string(),
  name: z.string(),
  /** As the accessory declares it: `shop-data`, `/srv/shop/data`. */
  source: z.string(),
  /** What it belongs to, as shown. */
  whose: z.string(),
  /** `stack`: an accessory of the same stack or of one that it adopts, for example this one under its name of before. `kamal`: labelled as Kamal does. */
  of: z.enum(["stack", "kamal", "other"]),
});
export type FoundRival = z.infer<typeof FoundRival>;

/** One accessory on its host, as found. */
export const FoundAccessory = inState(
  z.discriminatedUnion("kind", [
    z.object({
      kind: z.literal("present"),
      /** Under the accessory's own name. */
      main: FoundContainer.optional(),
      /** Under its name with `-next`: the new container of an unfinished replacement. */
      next: FoundContainer.optional(),
      /** Temporary containers of a killed run. */
      helpers: z.array(z.object({ id: z.string(), name: z.string() })),
      /** A restore of its data that no command has seen the end of. */
      restore: UnreadRestore.optional(),
      /** Whether its network exists. */
      network: z.boolean(),
      /** A state of before they were observed knows none. */
      rivals: z.array(FoundRival).default([]),
      /** Volumes with the labels of this accessory. */
      volumes: z.array(z.string()),
      /** Those of them that another stack made. */
      foreignVolumes: z.array(z.object({ name: z.string(), stack: z.string() })).default([]),
      /** While nothing runs under its name: Kamal's accessory of that name, without a destination in it. */
      kamals: z.string().optional(),
      /** Its route in kamal-proxy, observed if one is or was declared. */
      route: z.object({ targets: z.array(z.string()), options: RouteOptions }).optional(),
    }),
    Unobserved,
  ]),
);
export type FoundAccessory = z.infer<typeof FoundAccessory>;

/** An accessory whose host answered. */
export type ObservedAccessory = Extract<FoundAccessory, { kind: "present" }>;
