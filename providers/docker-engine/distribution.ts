import type { Source } from "./inputs.ts";

/** What `/etc/os-release` says. */
export type OsRelease = Readonly<Record<string, string>>;

/** @example parseOsRelease('ID=debian\nVERSION_ID="13"\n') // { ID: "debian", VERSION_ID: "13" } */
export const parseOsRelease = (text: string): OsRelease =>
  Object.fromEntries(
    text.split("\n").flatMap((line) => {
      const [, key, value = ""] = /^\s*([A-Z][A-Z0-9_]*)=(.*?)\s*$/.exec(line) ?? [];
      return key === undefined ? [] : [[key, unquoted(value)]];
    }),
  );

const unquoted = (value: string): string => value.replace(/^(["'])(.*)\1$/, "$2").replace(/\\(["'$`\\])/g, "$1");

/** A distribution on which Slipway can install Docker. */
export interface Distribution {
  /** Its own name: `Debian GNU/Linux 13 (trixie)`. */
  readonly called: string;
  readonly manager: "apt" | "dnf";
  /** Its folder in Docker's repository: `debian`. */
  readonly folder: string;
  /** Its suite there, for apt: `trixie`. */
  readonly suite: string | undefined;
  /** Its own packages of Docker; empty if it has none. */
  readonly own: readonly string[];
  /** Used unless declared otherwise. */
  readonly usual: Source;
}

type Known = Pick<Distribution, "manager" | "folder" | "usual"> & { readonly own: (release: OsRelease) => readonly string[] };

/** Since Debian 13 the command `docker` is a separate package. */
const debianPackages = ({ VERSION_ID }: OsRelease): readonly string[] =>
  Number(VERSION_ID ?? Number.POSITIVE_INFINITY) >= 13 ? ["docker.io", "docker-cli"] : ["docker.io"];

const none = (): readonly string[] => [];
const rhel = { manager: "dnf", own: none, usual: "docker" } as const;

/**
 * Debian's and Ubuntu's own Docker comes from a repository that the machine already trusts and updates, so it is the default there. The
 * unit of Fedora's own has options that clash with the same keys in `daemon.json`; RHEL and its derivatives have no Docker.
 */
const KNOWN: Readonly<Record<string, Known>> = {
  debian: { manager: "apt", folder: "debian", own: debianPackages, usual: "distribution" },
  ubuntu: { manager: "apt", folder: "ubuntu", own: () => ["docker.io"], usual: "distribution" },
  fedora: { manager: "dnf", folder: "fedora", own: () => ["moby-engine"], usual: "docker" },
  rhel: { ...rhel, folder: "rhel" },
  centos: { ...rhel, folder: "centos" },
  rocky: { ...rhel, folder: "centos" },
  almalinux: { ...rhel, folder: "centos" },
};

/** For error messages. */
export const KNOWN_DISTRIBUTIONS = "Debian, Ubuntu, Fedora, RHEL, CentOS, Rocky Linux or AlmaLinux";

/** `undefined` if it is unknown. Derivatives of a known distribution are unknown: they may not have its packages. */
export function distributionOf(release: OsRelease): Distribution | undefined {
  const known = KNOWN[release.ID ?? ""];
  if (known === undefined) return undefined;
  return { ...known, own: known.own(release), called: calledBy(release), suite: release.VERSION_CODENAME };
}

/** @example calledBy(release) // "Debian GNU/Linux 13 (trixie)" */
export const calledBy = ({ PRETTY_NAME, ID, VERSION_ID }: OsRelease): string =>
  PRETTY_NAME ?? ([ID, VERSION_ID].filter((part) => part !== undefined).join(" ") || "an unknown system");
