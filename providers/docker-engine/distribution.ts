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

/** One of the distributions on which we can install Docker. */
export interface Distribution {
  /** As it calls itself: `Debian GNU/Linux 13 (trixie)`. */
  readonly called: string;
  readonly manager: "apt" | "dnf";
  /** Its folder in Docker's repository: `debian`. */
  readonly folder: string;
  /** Its part there, for apt: `trixie`. */
  readonly suite: string | undefined;
  /** Its own packages of Docker; none where it has no Docker. */
  readonly own: readonly string[];
  readonly usual: Source;
}

type Known = Pick<Distribution, "manager" | "folder" | "usual"> & { readonly own: (release: OsRelease) => readonly string[] };

/** From Debian 13 on the command `docker` is a package of its own. */
const debianPackages = ({ VERSION_ID }: OsRelease): readonly string[] =>
  Number(VERSION_ID ?? Number.POSITIVE_INFINITY) >= 13 ? ["docker.io", "docker-cli"] : ["docker.io"];

const none = (): readonly string[] => [];
const rhel = { manager: "dnf", own: none, usual: "docker" } as const;

/**
 * Debian's and Ubuntu's own Docker comes from a repository that the machine trusts and updates already, so it is the usual one there.
 * Fedora's own starts with options in its unit that clash with the same keys in `daemon.json`; RHEL and its kin have none.
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

/** The names of all that we can install on. */
export const KNOWN_DISTRIBUTIONS = "Debian, Ubuntu, Fedora, RHEL, CentOS, Rocky Linux or AlmaLinux";

/** `undefined` for one that we do not know. Its derivatives are not taken for it: they need not have its packages. */
export function distributionOf(release: OsRelease): Distribution | undefined {
  const known = KNOWN[release.ID ?? ""];
  if (known === undefined) return undefined;
  return { ...known, own: known.own(release), called: calledBy(release), suite: release.VERSION_CODENAME };
}

/** @example calledBy(release) // "Debian GNU/Linux 13 (trixie)" */
export const calledBy = ({ PRETTY_NAME, ID, VERSION_ID }: OsRelease): string =>
  PRETTY_NAME ?? ([ID, VERSION_ID].filter((part) => part !== undefined).join(" ") || "an unknown system");
