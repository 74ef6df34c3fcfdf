import type { Tools } from "../../builder/index.ts";
import type { ExistingHost } from "../../config/hosts/host.ts";
import type { Config } from "../../config/index.ts";
import type { UnconfirmedTag } from "../../core/release/unconfirmed-tag.ts";
import type { Bytes, HostName, Milliseconds, Seconds } from "../../core/words.ts";
import type { Disk, DockerUnavailable } from "../../hosts/index.ts";
import type { LimitSupport } from "../../providers/container/limit-support.ts";
import type { OsRelease } from "../../providers/docker-engine/distribution.ts";
import type { Inbound } from "../../providers/exposure/inbound.ts";
import type { UnreadRestore } from "../../providers/steps/restore.ts";
import type { Left } from "../../providers/steps/temporary.ts";
import type { Platform } from "../../registry/index.ts";
import type { AskedSource } from "../../secrets/index.ts";

/** An answer, or why it is unknown: one line, and what to do about it if that is known. */
export type Asked<T> =
  | { readonly kind: "known"; readonly value: T }
  | { readonly kind: "unknown"; readonly why: string; readonly evidence: readonly string[]; readonly next?: string | undefined };

/** Everything that was found, for the stack and for each of its hosts. */
export interface Facts {
  readonly stack: string;
  /** The file of the config: `stacks/Pulumi.production.yaml`. */
  readonly file: string;
  readonly config: Config;
  /** Where values of secrets come from, besides the config. */
  readonly sources: readonly AskedSource[];
  readonly hasHetznerToken: boolean;
  readonly images: readonly ImageFacts[];
  /** What would build the image; absent: it is not built. */
  readonly build?: Asked<BuilderFacts> | undefined;
  readonly names: readonly NameFacts[];
  readonly hosts: readonly HostFacts[];
}

/** An image in the config, as the registry reports it to this machine. */
export interface ImageFacts {
  readonly image: string;
  readonly built: Asked<{
    readonly digest: string;
    readonly platforms: readonly Platform[];
    /** A tag beside the digest that the registry does not confirm. */
    readonly unconfirmed?: UnconfirmedTag | undefined;
  }>;
}

/** What builds the images on this machine, and from what. */
export interface BuilderFacts extends Tools {
  readonly builds: readonly {
    /** Of the role or job that runs it; undefined: it is the app's. */
    readonly name: string | undefined;
    /** The version that a build would get. */
    readonly version: string;
    /** How many of its files are not committed. */
    readonly uncommitted: number;
  }[];
}

/** A host name that a proxy serves. */
export interface NameFacts {
  readonly name: string;
  /** Whether its certificate comes from Let's Encrypt, which connects to that name. */
  readonly acme: boolean;
  /** The hosts whose proxies serve it. */
  readonly servedBy: readonly HostName[];
  /** Its DNS records, as this machine's resolver knows them; empty if it has none. */
  readonly addresses: Asked<readonly string[]>;
  /** The same as a public resolver knows them, which this machine may not be able to ask. */
  readonly elsewhere?: Asked<readonly string[]> | undefined;
}

export type HostFacts =
  | { readonly kind: "planned"; readonly host: HostName; readonly madeAt: string }
  | { readonly kind: "no access"; readonly host: ExistingHost; readonly stage: Stage; readonly story: AccessError }
  | ReachedHost;

/** Its name in the config. */
export const nameOf = (facts: HostFacts): HostName => (facts.kind === "planned" ? facts.host : facts.host.name);

/** The step at which the connection to a host failed. */
export type Stage = "reach" | "host key" | "login";

/** Why a host cannot be logged in to. */
export interface AccessError {
  readonly what: string;
  readonly evidence: readonly string[];
  readonly next: string;
}

/** A host with a working login. */
export interface ReachedHost {
  readonly kind: "reached";
  readonly host: ExistingHost;
  /** From the first packet to the login. */
  readonly took: Milliseconds;
  /** The addresses of its name. */
  readonly resolved: readonly string[];
  readonly machine: Asked<Machine>;
  readonly lease: Asked<LeaseFacts>;
  readonly docker: Asked<{ readonly engine: string; readonly arch: string }>;
  /** Why its Docker does not answer, if that can be fixed on the host. */
  readonly trouble: DockerUnavailable["kind"] | undefined;
  readonly disk: Asked<Disk>;
  /** Which limits of containers its kernel enforces; all of them without Docker. */
  readonly supports: Asked<LimitSupport>;
  /** Ports of running containers; empty without Docker. */
  readonly published: Asked<readonly Published[]>;
  /** What Kamal runs there under this stack's names; nothing without Docker. */
  readonly kamal: Asked<KamalFacts>;
  /** Containers that have outlived the command that they were made for; empty without Docker. */
  readonly left: Asked<readonly Left[]>;
  /** Restores that no command has seen the end of; empty without Docker. */
  readonly restores: Asked<readonly UnreadRestore[]>;
  /** What the ports of its proxy answer to this machine; empty if it serves no HTTP, or its address is not a public one. */
  readonly inbound: readonly Inbound[];
  /** Whether its Docker finds each image in the registry; empty without Docker. */
  readonly pulls: readonly { readonly image: string; readonly there: Asked<boolean> }[];
}

/** Containers that Kamal started under the names of a stack. */
export interface KamalFacts {
  readonly roles: readonly { readonly name: string; readonly role: string }[];
  readonly accessories: readonly { readonly name: string; readonly accessory: string }[];
}

/** Whether a run could acquire the lease. */
export interface LeaseFacts {
  /** The run that holds it: `ci@build-7 (shop/production) since 14:02:11 (35 s)`; `undefined` if it is free. */
  readonly heldBy: string | undefined;
  /** What keeps the app from being changed there, if anything does. */
  readonly frozen?: string | undefined;
  /** Its weaknesses on this host. */
  readonly warnings: readonly string[];
}

/** Facts about the machine. */
export interface Machine {
  readonly uid: number;
  readonly groups: readonly string[];
  readonly sudo: "free" | "asks" | "none";
  /** Its distribution; empty if unknown. */
  readonly release: OsRelease;
  /** In Docker's words: `amd64`. */
  readonly arch: string;
  /** How far its clock is ahead of ours at least (negative: behind). */
  readonly ahead: Seconds;
  readonly memory: { readonly total: Bytes; readonly available: Bytes } | undefined;
  /** Of its own network interfaces. */
  readonly addresses: readonly string[];
  /** Folders with secrets that Kamal left in the home of the SSH user: `.kamal/apps/shop/env`. */
  readonly kamal: readonly string[];
  /** `undefined` where `ss` is missing. */
  readonly listeners: readonly Listener[] | undefined;
}

export interface Listener {
  /** `0.0.0.0`, `::`, `*` or an address of its own. */
  readonly address: string;
  readonly port: number;
  /** Only root can see the processes of other users. */
  readonly process: { readonly name: string; readonly pid: number } | undefined;
}

export interface Published {
  readonly container: string;
  readonly image: string;
  readonly address: string;
  readonly port: number;
}
