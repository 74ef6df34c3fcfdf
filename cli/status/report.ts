import type { Bytes, ContainerName, HostName, ReleaseId, RoleName, Seconds } from "../../core/words.ts";
import type { AccessoryReport } from "../accessory/report.ts";
import type { ScheduledReport } from "./scheduled.ts";

/** What `slipway status --json` prints. Keys are added, never renamed or removed; `schema` changes if that must be broken. */
export interface StatusReport {
  readonly schema: 1;
  readonly stack: string;
  readonly service: string;
  /** Part of all names on the hosts; null if the stack has none. */
  readonly destination: string | null;
  /** `unknown`: a host is unreachable, and nothing else is wrong. */
  readonly verdict: "as declared" | "not as declared" | "unknown";
  /** What the last successful run declared. */
  readonly release: {
    readonly id: ReleaseId;
    readonly version: string;
    /** By digest. */
    readonly image: string;
    /** RFC 3339; null if Pulumi does not record it. */
    readonly declared_at: string | null;
  };
  readonly urls: readonly string[];
  /** What serves requests now, in words. */
  readonly serves: string;
  readonly hosts: readonly HostReport[];
  /** Releases whose containers are kept, newest first: a rollback to one of them needs no pull. */
  readonly rollbacks: readonly RollbackReport[];
}

export interface HostReport {
  readonly host: HostName;
  readonly address: string;
  /** Why it is unreachable; null if it was reached. */
  readonly unreachable: string | null;
  readonly containers: readonly ContainerReport[];
  /** Databases and caches. A host may have nothing else. */
  readonly accessories: readonly AccessoryReport[];
  /** Backups and jobs; empty if the host is unreachable. */
  readonly scheduled: readonly ScheduledReport[];
  /** What a preview shows for this host: drift, and what an update would do. Null if it would do nothing. */
  readonly change: string | null;
  /** Null if the host is unreachable, or runs no part of the app. */
  readonly proxy: "running" | "stopped" | "missing" | null;
  readonly routes: readonly RouteReport[];
  /** One for each host name that the proxy serves over HTTPS; empty if the host is unreachable. */
  readonly certificates: readonly CertificateReport[];
  /** Containers of the app that neither serve, nor are declared, nor are kept for a rollback. */
  readonly leftovers: readonly ContainerName[];
  /** Replaced containers that were stopped and still finish their work, until a moment of the host's clock (ISO 8601) at the latest. */
  readonly finishing: readonly { readonly role: RoleName; readonly container: ContainerName; readonly until: string }[];
  /** Stopped and kept for a rollback. */
  readonly retired: readonly { readonly role: RoleName; readonly release: ReleaseId; readonly container: ContainerName }[];
  /** Who is changing this host now, and for how long: of several runs, each of another app, all names and the longest time. */
  readonly lease: { readonly owner: string; readonly held_seconds: Seconds } | null;
  /** What keeps the app from being changed there, until it ends or someone ends it: `slipway lock --for`. */
  readonly freeze: {
    readonly by: string;
    readonly why: string;
    readonly since_seconds: Seconds;
    readonly left_seconds: Seconds;
  } | null;
  /** The file system of Docker's images; null if it is unknown. */
  readonly disk: { readonly path: string; readonly free_bytes: Bytes; readonly used_percent: number } | null;
}

/** A container that is declared or serves. */
export interface ContainerReport {
  readonly role: RoleName;
  readonly replica: number;
  /** Null if it is missing. */
  readonly container: ContainerName | null;
  readonly release: ReleaseId | null;
  /** The release that is declared here; null if none is. */
  readonly wanted: ReleaseId | null;
  /** `serving`: a target of the proxy. `canary`: it gets a share of the requests. `running`: it has no route. Otherwise its state in Docker. */
  readonly state: string;
  /** Docker's health check; null if the image has none. */
  readonly health: "starting" | "healthy" | "unhealthy" | null;
  /** When it started, RFC 3339; null if it is not running. */
  readonly since: string | null;
  /** How often Docker has started it again by itself; null if it is missing. */
  readonly restarts: number | null;
  /** What it uses now, without page cache that can be dropped; null if it is not running, or Docker does not say. */
  readonly memory_bytes: Bytes | null;
  /** Null without a limit. */
  readonly memory_limit_bytes: Bytes | null;
}

export interface RouteReport {
  readonly role: RoleName;
  /** Whether requests reach the app, wait, or are answered with 503. */
  readonly state: "serving" | "paused" | "maintenance" | "stopped";
  /** What visitors see during maintenance. */
  readonly message: string | null;
  readonly canary: { readonly percent: number; readonly allow: readonly string[] } | null;
}

/** The certificate that visitors of this host get for a name. */
export interface CertificateReport {
  readonly name: string;
  /** Whether the proxy gets it from Let's Encrypt, and renews it. */
  readonly automatic: boolean;
  /** Null if it is missing. */
  readonly issuer: string | null;
  /** RFC 3339; null if it is missing. */
  readonly expires_at: string | null;
  /** Whole days by this machine's clock; negative once it has expired; null if it is missing. */
  readonly days_left: number | null;
  /** Why it is missing, and what to do; null if it is not. */
  readonly missing: { readonly why: string; readonly next: string } | null;
}

export interface RollbackReport {
  readonly role: RoleName;
  readonly release: ReleaseId;
  readonly hosts: readonly HostName[];
  /** Whether every host of the role has it. */
  readonly everywhere: boolean;
}
