import type { ExistingHost } from "../../config/hosts/host.ts";
import type { Config } from "../../config/index.ts";
import type { Bytes, HostName, Milliseconds, Seconds } from "../../core/words.ts";
import type { Disk, DockerUnavailable } from "../../hosts/index.ts";
import type { OsRelease } from "../../providers/docker-engine/distribution.ts";
import type { Platform } from "../../registry/index.ts";

/** What somebody was asked, or why there is no answer: one line, and what to do about it where that is known. */
export type Asked<T> =
  | { readonly kind: "known"; readonly value: T }
  | { readonly kind: "unknown"; readonly why: string; readonly evidence: readonly string[]; readonly next?: string | undefined };

/** All that was found, of the stack and of each of its hosts. */
export interface Facts {
  readonly stack: string;
  /** Where the config is written: `stacks/Pulumi.production.yaml`. */
  readonly file: string;
  readonly config: Config;
  readonly hasHetznerToken: boolean;
  readonly images: readonly ImageFacts[];
  readonly names: readonly NameFacts[];
  readonly hosts: readonly HostFacts[];
}

/** One image that the config names, as the registry tells of it from here. */
export interface ImageFacts {
  readonly image: string;
  readonly built: Asked<{ readonly digest: string; readonly platforms: readonly Platform[] }>;
}

/** One host name that a proxy is to serve. */
export interface NameFacts {
  readonly name: string;
  /** Whether its certificate comes from Let's Encrypt, which asks the name. */
  readonly acme: boolean;
  /** The hosts whose proxies serve it. */
  readonly servedBy: readonly HostName[];
  /** What DNS says; empty where there is no record. */
  readonly addresses: Asked<readonly string[]>;
}

export type HostFacts =
  | { readonly kind: "planned"; readonly host: HostName; readonly madeAt: string }
  | { readonly kind: "no access"; readonly host: ExistingHost; readonly stage: Stage; readonly story: AccessError }
  | ReachedHost;

/** As the config names it. */
export const nameOf = (facts: HostFacts): HostName => (facts.kind === "planned" ? facts.host : facts.host.name);

/** How far we came with a host that does not let us in. */
export type Stage = "reach" | "host key" | "login";

/** Why we do not get into a host. */
export interface AccessError {
  readonly what: string;
  readonly evidence: readonly string[];
  readonly next: string;
}

/** A host that let us in. */
export interface ReachedHost {
  readonly kind: "reached";
  readonly host: ExistingHost;
  /** From the first packet to being let in. */
  readonly took: Milliseconds;
  /** What its address means, where that is a name. */
  readonly resolved: readonly string[];
  readonly machine: Asked<Machine>;
  readonly docker: Asked<{ readonly engine: string; readonly arch: string }>;
  /** What keeps its Docker from answering, where that can be put right on the host. */
  readonly trouble: DockerUnavailable["kind"] | undefined;
  readonly disk: Asked<Disk>;
  /** Ports that containers which run have taken; none where there is no Docker. */
  readonly published: Asked<readonly Published[]>;
  /** Whether its Docker sees each image in the registry; empty where there is no Docker. */
  readonly pulls: readonly { readonly image: string; readonly there: Asked<boolean> }[];
}

/** What the machine says of itself. */
export interface Machine {
  readonly uid: number;
  readonly groups: readonly string[];
  readonly sudo: "free" | "asks" | "none";
  /** Its distribution; empty where it does not say. */
  readonly release: OsRelease;
  /** In Docker's words: `amd64`. */
  readonly arch: string;
  /** How far its clock is before ours (or behind: negative), as far as that is sure. */
  readonly ahead: Seconds;
  readonly memory: { readonly total: Bytes; readonly available: Bytes } | undefined;
  /** Of its own network interfaces. */
  readonly addresses: readonly string[];
  /** `undefined` where `ss` is missing. */
  readonly listeners: readonly Listener[] | undefined;
}

export interface Listener {
  /** `0.0.0.0`, `::`, `*` or an address of its own. */
  readonly address: string;
  readonly port: number;
  /** Hidden from users other than root. */
  readonly process: { readonly name: string; readonly pid: number } | undefined;
}

export interface Published {
  readonly container: string;
  readonly image: string;
  readonly address: string;
  readonly port: number;
}
