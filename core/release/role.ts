import { z } from "zod";
import { Environment } from "../container/environment.ts";
import { Logging } from "../container/logging.ts";
import { Mount, Relabel } from "../container/mount.ts";
import { ContainerOptions } from "../container/options.ts";
import { Readiness } from "../container/readiness.ts";
import { RouteSpec } from "../route.ts";

/** A folder of the image whose files both the old and the new containers must be able to serve. */
export const Assets = z.object({
  /** An absolute path in the container. */
  path: z.string(),
  relabel: Relabel.optional(),
});
export type Assets = z.infer<typeof Assets>;

/** Whether the old container stops after the new one serves, or before the new one starts. */
export const Strategy = z.enum(["start-first", "stop-first"]);
export type Strategy = z.infer<typeof Strategy>;

/** What differs for a role on one of its hosts. */
export const HostPart = z.object({
  /** The complete environment there, not an addition. */
  ...Environment.shape,
  /** The complete route there. */
  proxy: RouteSpec.optional(),
});
export type HostPart = z.infer<typeof HostPart>;

/** A role of a release. Its environment and route apply to the hosts that `on` does not name. */
export const RoleSpec = z.object({
  hosts: z.array(z.string()),
  /** Containers on each host. */
  replicas: z.number(),
  strategy: Strategy,
  ready: Readiness,
  assets: Assets.optional(),
  on: z.record(z.string(), HostPart),
  /** Arguments; absent: the image's own command. */
  command: z.array(z.string()).optional(),
  ...Environment.shape,
  labels: z.record(z.string(), z.string()),
  options: ContainerOptions,
  mounts: z.array(Mount),
  logging: Logging,
  /** Seconds between SIGTERM and SIGKILL. */
  stopTimeout: z.number(),
  /** Seconds that a replaced container still gets before its stop signal, so that a proxy in front of it can take it out. */
  stopDelay: z.number().default(0),
  /** How kamal-proxy serves it; absent for a role that serves no HTTP. */
  proxy: RouteSpec.optional(),
});
export type RoleSpec = z.infer<typeof RoleSpec>;
