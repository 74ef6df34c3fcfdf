import type { Bytes, ContainerName, HostName, ReleaseId, RoleName, Seconds } from "../../core/words.ts";
import type { AccessoryReport } from "../accessory/report.ts";
import type { ScheduledReport } from "./scheduled.ts";

/** What `slipway status --json` prints. Keys are added, never renamed or taken away; `schema` counts what breaks that. */
export interface StatusReport {
  readonly schema: 1;
  readonly stack: string;
  readonly service: string;
  /** Part of all names on the hosts; null when the stack has none. */
  readonly destination: string | null;
  /** `unknown`: a host cannot be asked, and nothing else is wrong. */
  readonly verdict: "as declared" | "not as declared" | "unknown";
  /** What the last successful run declared. */
  readonly release: {
    readonly id: ReleaseId;
    readonly version: string;
    /** By digest. */
    readonly image: string;
    /** RFC 3339; null when Pulumi does not say. */
    readonly declared_at: string | null;
  };
  readonly urls: readonly string[];
  /** What answers requests now, in words. */
  readonly serves: string;
  readonly hosts: readonly HostReport[];
  /** Releases whose containers are still there, youngest first: a rollback to one needs no pull. */
  readonly rollbacks: readonly RollbackReport[];
}

export interface HostReport {
  readonly host: HostName;
  readonly address: string;
  /** Why it cannot be asked; null when it was reached. */
  readonly unreachable: string | null;
  readonly containers: readonly ContainerReport[];
  /** Databases and caches beside the app. A host may have nothing else. */
  readonly accessories: readonly AccessoryReport[];
  /** Backups and jobs; none where the host cannot be asked. */
  readonly scheduled: readonly ScheduledReport[];
  /** What a preview says of this host: drift, and what an update would do. Null when it would do nothing. */
  readonly change: string | null;
  /** Null when the host cannot be asked, or has no part of the app. */
  readonly proxy: "running" | "stopped" | "missing" | null;
  readonly routes: readonly RouteReport[];
  /** Containers of the app that neither serve, nor are wanted, nor are kept for a rollback. */
  readonly leftovers: readonly ContainerName[];
  /** Stopped and kept for a rollback. */
  readonly retired: readonly { readonly role: RoleName; readonly release: ReleaseId; readonly container: ContainerName }[];
  /** Who is changing this host now. */
  readonly lease: { readonly owner: string; readonly held_seconds: Seconds } | null;
  /** The file system of Docker's images; null when the host does not say. */
  readonly disk: { readonly path: string; readonly free_bytes: Bytes; readonly used_percent: number } | null;
}

/** One container that is wanted or serves. */
export interface ContainerReport {
  readonly role: RoleName;
  readonly replica: number;
  /** Null when there is none. */
  readonly container: ContainerName | null;
  readonly release: ReleaseId | null;
  /** What was declared for this place; null when nothing is wanted there. */
  readonly wanted: ReleaseId | null;
  /** `serving`: the proxy names it. `canary`: a share of the requests. `running`: it has no route. Else what it is instead. */
  readonly state: string;
  /** Docker's own check; null when the image has none. */
  readonly health: "starting" | "healthy" | "unhealthy" | null;
  /** Start of the container, RFC 3339; null when it does not run. */
  readonly since: string | null;
}

export interface RouteReport {
  readonly role: RoleName;
  /** Whether requests reach the app, wait, or are answered with 503. */
  readonly state: "serving" | "paused" | "maintenance";
  /** What visitors are told in maintenance. */
  readonly message: string | null;
  readonly canary: { readonly percent: number; readonly allow: readonly string[] } | null;
}

export interface RollbackReport {
  readonly role: RoleName;
  readonly release: ReleaseId;
  readonly hosts: readonly HostName[];
  /** Whether every host of the role has it. */
  readonly everywhere: boolean;
}
