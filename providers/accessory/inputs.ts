import { z } from "zod";
import { AccessoryContainer } from "../../core/accessory/container.ts";
import { AccessoryReadiness } from "../../core/container/readiness.ts";
import { Registry } from "../../core/registry.ts";
import { RouteSpec } from "../../core/route.ts";
import { Address } from "../../hosts/index.ts";
import { FoundAccessory } from "./found.ts";

const texts = z.record(z.string(), z.string());

/** One accessory on one host, as declared. */
export const AccessoryInputs = z.object({
  schema: z.literal(1),
  host: Address,
  /** `slipway/production`: who owns what is made. */
  stack: z.string(),
  service: z.string(),
  destination: z.string().optional(),
  /** As the config names it: `db`. */
  accessory: z.string(),
  /** `<service>-<accessory>[-<destination>]`. */
  container: z.string(),
  /** As written: what a tag means is looked up on the host when this text changes, never because the registry has moved it. */
  image: z.string(),
  /** First 8 of the stable hash over all that decides the container but the digest: `specOf`. */
  spec: z.string(),
  ...AccessoryContainer.shape,
  /** What others use, inside the container. */
  containerPort: z.number().optional(),
  ready: AccessoryReadiness,
  /** How kamal-proxy serves it, under the name of the container. */
  proxy: RouteSpec.optional(),
  /** Seconds between the stop signal and SIGKILL. */
  stopTimeout: z.number(),
  /** Seconds for a new container to become healthy. */
  bootTimeout: z.number(),
  /** What becomes of volumes and folders when the accessory is removed. */
  data: z.enum(["keep", "delete"]),
  registry: Registry.optional(),
  /** Those of `secretEnv`. */
  secrets: texts,
  status: z.literal("running"),
});
export type AccessoryInputs = z.infer<typeof AccessoryInputs>;

export const AccessoryState = AccessoryInputs.extend({
  /** What the last look at the host found. */
  found: FoundAccessory,
  /** What `image` meant when it was looked up: `sha256:…`; empty before that. */
  digest: z.string(),
  /** Where relative directories are: an absolute path on the host; empty where there are none. */
  folder: z.string(),
  /** Path in the container → volume or folder of the host: of data that is not where it would be put today, as what Kamal left. */
  kept: z.record(z.string(), z.string()),
  /** Seconds that the last replace in place has measured. */
  gap: z.number().optional(),
  /** Volume or folder → bytes. Looked up only where `data: delete` is written. */
  bytes: z.record(z.string(), z.number()).optional(),
});
export type AccessoryState = z.infer<typeof AccessoryState>;
