import { z } from "zod";
import { AccessoryContainer } from "../../core/accessory/container.ts";
import { AccessoryReadiness } from "../../core/container/readiness.ts";
import { Owner } from "../../core/owner.ts";
import { Registry } from "../../core/registry.ts";
import { RouteSpec } from "../../core/route.ts";
import { Address } from "../../hosts/index.ts";
import { FoundAccessory } from "./found.ts";

const texts = z.record(z.string(), z.string());

/** One accessory on one host, as declared. */
export const AccessoryInputs = z.object({
  schema: z.literal(1),
  host: Address,
  ...Owner.shape,
  service: z.string(),
  destination: z.string().optional(),
  /** As the config names it: `db`. */
  accessory: z.string(),
  /** `<service>-<accessory>[-<destination>]`. */
  container: z.string(),
  /** As declared. A tag is resolved when this text changes, never because the registry moved the tag. */
  image: z.string(),
  /** First 8 digits of the hash of all that determines the container except the digest: `specOf`. */
  spec: z.string(),
  ...AccessoryContainer.shape,
  /** Path of each of `files`, which are secret → fingerprint of its content. Absent without files, and in a state that has their contents in the clear. */
  fileFingerprints: texts.optional(),
  /** The port inside the container. */
  containerPort: z.number().optional(),
  ready: AccessoryReadiness,
  /** How kamal-proxy serves it, under the name of the container. */
  proxy: RouteSpec.optional(),
  /** Seconds between the stop signal and SIGKILL. */
  stopTimeout: z.number(),
  /** Seconds for a new container to become healthy. */
  bootTimeout: z.number(),
  /** Whether volumes and folders are kept when the accessory is removed. */
  data: z.enum(["keep", "delete"]),
  /** Begins without data though data that may be its own is on the host. */
  startEmpty: z.literal(true).optional(),
  registry: Registry.optional(),
  /** Those of `secretEnv`. */
  secrets: texts,
  status: z.literal("running"),
});
export type AccessoryInputs = z.infer<typeof AccessoryInputs>;

export const AccessoryState = AccessoryInputs.extend({
  /** As last observed. */
  found: FoundAccessory,
  /** The digest that `image` was resolved to; empty before that. */
  digest: z.string(),
  /** The folder of relative directories: an absolute path on the host; empty if there are none. */
  folder: z.string(),
  /** It runs in the container that Kamal started, which is as declared. */
  ofKamal: z.literal(true).optional(),
  /** Path in the container → volume or folder, for data that is elsewhere than new data would be, such as data from Kamal. */
  kept: z.record(z.string(), z.string()),
  /** Seconds, as measured at the last replacement. */
  gap: z.number().optional(),
  /** Volume or folder → bytes. Measured only with `data: delete`. */
  bytes: z.record(z.string(), z.number()).optional(),
});
export type AccessoryState = z.infer<typeof AccessoryState>;
