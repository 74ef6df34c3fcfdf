import { z } from "zod";
import { Environment } from "../container/environment.ts";
import { HostPort } from "../container/host-port.ts";
import { Logging } from "../container/logging.ts";
import { Mount } from "../container/mount.ts";
import { ContainerOptions } from "../container/options.ts";
import { Directory } from "./directory.ts";
import { AccessoryFile } from "./file.ts";
import { PresetName } from "./preset.ts";

/**
 * What decides the container of an accessory besides its image. The image is compared as it is written and its digest not at all: a
 * tag that moves in the registry replaces no database. Readiness, route, timeouts and removal do not decide it either.
 */
export const AccessoryContainer = z.object({
  /** The server that the image holds, if Slipway knows it. */
  preset: PresetName.optional(),
  /** Arguments; absent: the image's own command. */
  command: z.array(z.string()).optional(),
  /** None or one. */
  publish: z.array(HostPort),
  ...Environment.shape,
  files: z.array(AccessoryFile),
  directories: z.array(Directory),
  mounts: z.array(Mount),
  labels: z.record(z.string(), z.string()),
  options: ContainerOptions,
  /** Absent: `kamal`. */
  network: z.string().optional(),
  logging: Logging,
});
export type AccessoryContainer = z.infer<typeof AccessoryContainer>;
