import { z } from "zod";
import { Environment } from "../../core/container/environment.ts";
import { HostPort } from "../../core/container/host-port.ts";
import { Logging } from "../../core/container/logging.ts";
import { Mount } from "../../core/container/mount.ts";
import { ContainerOptions } from "../../core/container/options.ts";
import { AccessoryReadiness } from "../../core/container/readiness.ts";
import { type PresetName as Name, PRESETS } from "../../core/preset.ts";
import { RouteSpec } from "../../core/route.ts";
import { Address } from "../../hosts/index.ts";
import { FoundAccessory } from "./found.ts";

const texts = z.record(z.string(), z.string());

/** A file that is put into the container before it starts. */
export const AccessoryFile = z.object({
  path: z.string(),
  /** Permission bits: `0o644`. */
  mode: z.number(),
  /** `user`, `uid`, `user:group`, by the container's own /etc/passwd and /etc/group; root unless written. */
  owner: z.string().optional(),
  /** Whether `${NAME}` stands for a value of the environment; `$${` is a literal `${`. */
  template: z.boolean(),
  content: z.string(),
  encoding: z.enum(["utf8", "base64"]),
});
export type AccessoryFile = z.infer<typeof AccessoryFile>;

/** A folder of the host inside the container. */
export const Directory = z.object({
  /** Absolute, or below the accessory's own folder in the home of the SSH user. */
  source: z.string(),
  target: z.string(),
  mode: z.number().optional(),
  /** As of a file. */
  owner: z.string().optional(),
});
export type Directory = z.infer<typeof Directory>;

/** Whether it is a server whose ways are known. */
export const PresetName = z.enum(Object.keys(PRESETS) as Name[]);

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
  preset: PresetName.optional(),
  command: z.array(z.string()).optional(),
  /** What others use, inside the container. */
  containerPort: z.number().optional(),
  /** None or one. */
  publish: z.array(HostPort),
  ...Environment.shape,
  files: z.array(AccessoryFile),
  directories: z.array(Directory),
  mounts: z.array(Mount),
  labels: texts,
  options: ContainerOptions,
  /** Absent: `kamal`. */
  network: z.string().optional(),
  ready: AccessoryReadiness,
  /** How kamal-proxy serves it, under the name of the container. */
  proxy: RouteSpec.optional(),
  logging: Logging,
  /** Seconds between the stop signal and SIGKILL. */
  stopTimeout: z.number(),
  /** Seconds for a new container to become healthy. */
  bootTimeout: z.number(),
  /** What becomes of volumes and folders when the accessory is removed. */
  data: z.enum(["keep", "delete"]),
  registry: z.object({ server: z.string(), username: z.string(), password: z.string() }).optional(),
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
