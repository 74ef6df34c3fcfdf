import type { PushedImage } from "./app.ts";
import type { Suite } from "./apt.ts";
import { type DatabaseImage, ENTRYPOINTS, entrypoints, USER } from "./database.ts";
import { accounts, type DebianFiles, debianImage, environment } from "./debian.ts";
import type { LabRegistry } from "./registry.ts";

/** The major versions that Debian has, and where. */
const SUITES = { "15": "bookworm", "17": "trixie" } as const satisfies Readonly<Record<string, Suite>>;

export type PostgresMajor = keyof typeof SUITES;

const HOME = "/var/lib/postgresql";
export const POSTGRES_DATA = `${HOME}/data`;
/** Compiling queries for big reports: most of the weight. The rest is Debian's own way of running clusters. */
const WITHOUT = ["libllvm", "libz3", "libperl", "libjson-perl", "libio-pty-perl", "libipc-run-perl", "libtext-", "libgdbm"];
const WITHOUT_TOOLS = ["postgresql-common", "postgresql-client-common", "ssl-cert", "ucf", "locales", "libc-l10n", "netbase"];
const TOOLS = ["coreutils", "dash", "findutils", "gzip", "libc-bin", "util-linux"];

/**
 * Real PostgreSQL by the official image's contract: POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB, PGDATA, a volume, scripts in
 * /docker-entrypoint-initdb.d, SIGINT to stop. Call it after `startLab`.
 *
 * @example await postgresImage(lab.registry, { tag: "17.1" })
 */
export async function postgresImage(
  registry: LabRegistry,
  { tag, major = "17", env = {}, labels = {}, state = "whole" }: DatabaseImage<PostgresMajor>,
): Promise<PushedImage> {
  const own = { PG_MAJOR: major, PG_VERSION: tag, PGDATA: POSTGRES_DATA, LANG: "C.UTF-8", ...env };
  return debianImage(registry, "postgres", tag, await filesOf(major), {
    Env: environment({ PATH: `/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/${major}/bin`, ...own }),
    Entrypoint: [ENTRYPOINTS[state]],
    Cmd: ["postgres"],
    Volumes: { [POSTGRES_DATA]: {} },
    ExposedPorts: { "5432/tcp": {} },
    StopSignal: "SIGINT",
    Labels: labels,
  });
}

async function filesOf(major: PostgresMajor): Promise<DebianFiles> {
  const own = { uid: USER, gid: USER };
  return {
    name: `postgres-${major}`,
    suite: SUITES[major],
    packages: [`postgresql-${major}`, ...TOOLS],
    without: [...WITHOUT, ...WITHOUT_TOOLS],
    files: [
      ...accounts("postgres", USER, HOME),
      { name: "var/lib/postgresql/", mode: 0o755, ...own },
      { name: "var/lib/postgresql/data/", mode: 0o1777, ...own },
      { name: "run/postgresql/", mode: 0o3777, ...own },
      { name: "docker-entrypoint-initdb.d/", mode: 0o755 },
      // a package script would link it
      { name: "usr/bin/pager", mode: 0o755, content: '#!/bin/sh\nexec more "$@"\n' },
      ...(await entrypoints("postgres")),
    ],
  };
}
