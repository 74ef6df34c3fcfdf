import { z } from "zod";
import type { HostName, ReleaseId, RoleName } from "../../../core/words.ts";
import type { Declared } from "./program.ts";

/** What is read of a declared release to know what must run. */
export const Wanted = z.looseObject({
  service: z.string(),
  release: z.string(),
  /** By digest. */
  image: z.string(),
  containers: z.record(z.string(), z.string()),
  retainContainers: z.number(),
  releaseCommand: z.looseObject({ host: z.string(), commands: z.array(z.array(z.string())) }).optional(),
  roles: z.record(
    z.string(),
    z.looseObject({
      hosts: z.array(z.string()),
      replicas: z.number().default(1),
      options: z.looseObject({ restart: z.looseObject({ name: z.string() }) }),
      proxy: z.unknown().optional(),
    }),
  ),
});

/** One version, as the program declares it. */
export interface Release {
  /** What the app says of itself: the tag of its image. */
  readonly version: string;
  readonly declared: Declared;
  readonly wanted: z.infer<typeof Wanted>;
}

/** What must run of one role on one host. */
export interface Slot {
  readonly role: RoleName;
  readonly release: ReleaseId;
  readonly replicas: number;
  readonly restart: string;
  readonly proxied: boolean;
}

export function slotsOf({ wanted }: Release, host: HostName): Slot[] {
  return Object.entries(wanted.roles).flatMap(([role, { hosts, replicas, options, proxy }]) => {
    if (!hosts.includes(host)) return [];
    const release = wanted.containers[`${host}/${role}`] ?? "";
    return [{ role, release, replicas, restart: options.restart.name, proxied: proxy !== undefined }];
  });
}

export const proxiedHosts = ({ wanted }: Release): HostName[] =>
  Object.values(wanted.roles).flatMap(({ hosts, proxy }) => (proxy === undefined ? [] : hosts));
