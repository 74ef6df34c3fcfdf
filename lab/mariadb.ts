import type { PushedImage } from "./app.ts";
import type { Suite } from "./apt.ts";
import { type DatabaseImage, ENTRYPOINTS, entrypoints, USER } from "./database.ts";
import { accounts, type DebianFiles, debianImage, environment } from "./debian.ts";
import type { LabRegistry } from "./registry.ts";

/** The major versions that Debian has, and where. */
const SUITES = { "10": "bookworm", "11": "trixie" } as const satisfies Readonly<Record<string, Suite>>;

export type MariadbMajor = keyof typeof SUITES;

export const MARIADB_DATA = "/var/lib/mysql";
/** The server and its tools without Debian's way of running it as a service. */
const PACKAGES = ["mariadb-server-core", "mariadb-client-core", "mariadb-client"];
const WITHOUT = ["libperl", "libconfig-inifiles-perl", "libdbi-perl", "libdbd-", "ucf", "libgdbm"];
/** Each of its tools has the client library linked in, 5 MB; these are not used. */
const OMIT = ["^usr/bin/mariadb-(access|binlog|check|conv|hotcopy|import|plugin|show|slap|tzinfo-to-sql|upgrade|waitpid)$"];
const OMIT_MORE = ["^usr/bin/(innochecksum|perror|replace|resolve.*)$", "^usr/lib/mysql/plugin/"];
const TOOLS = ["coreutils", "dash", "findutils", "grep", "gzip", "hostname", "libc-bin", "sed", "util-linux"];
const CONFIG = "[mariadbd]\ndatadir = /var/lib/mysql\nhost-cache-size = 0\nskip-name-resolve\n";

/**
 * Real MariaDB by the official image's contract: MARIADB_ROOT_PASSWORD, MARIADB_DATABASE, MARIADB_USER, MARIADB_PASSWORD (or MYSQL_…, or
 * …_FILE), a volume, scripts in /docker-entrypoint-initdb.d, settings in /etc/mysql/conf.d. Call it after `startLab`.
 *
 * @example await mariadbImage(lab.registry, { tag: "11.8" })
 */
export async function mariadbImage(
  registry: LabRegistry,
  { tag, major = "11", env = {}, labels = {}, state = "whole" }: DatabaseImage<MariadbMajor>,
): Promise<PushedImage> {
  return debianImage(registry, "mariadb", tag, await filesOf(major), {
    Env: environment({ MARIADB_VERSION: tag, LANG: "C.UTF-8", ...env }),
    Entrypoint: [ENTRYPOINTS[state]],
    Cmd: ["mariadbd"],
    Volumes: { [MARIADB_DATA]: {} },
    ExposedPorts: { "3306/tcp": {} },
    Labels: labels,
  });
}

const filesOf = async (major: MariadbMajor): Promise<DebianFiles> => ({
  name: `mariadb-${major}`,
  suite: SUITES[major],
  packages: [...PACKAGES, ...TOOLS],
  without: WITHOUT,
  omit: [...OMIT, ...OMIT_MORE],
  files: [
    ...accounts("mysql", USER, MARIADB_DATA),
    { name: "var/lib/mysql/", mode: 0o755, uid: USER, gid: USER },
    { name: "run/mysqld/", mode: 0o755, uid: USER, gid: USER },
    { name: "docker-entrypoint-initdb.d/", mode: 0o755 },
    { name: "etc/mysql/conf.d/", mode: 0o755 },
    // a package script would link it
    { name: "etc/mysql/my.cnf", mode: 0o644, content: `${CONFIG}\n!includedir /etc/mysql/conf.d/\n` },
    ...(await entrypoints("mariadb")),
  ],
});
