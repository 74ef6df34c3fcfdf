import { z } from "zod";
import type { Seconds } from "../words.ts";
import { MYSQL_LOGIN, POSTGRES_LOGIN, REDIS_LOGIN } from "./login.ts";

/** A server that Slipway knows by its image: its readiness check, how it is stopped, its client. */
export const PresetName = z.enum(["postgres", "mysql", "mariadb", "redis", "valkey"]);
export type PresetName = z.infer<typeof PresetName>;

/** What is known about a preset without contacting a host. */
export interface Preset {
  readonly name: PresetName;
  /** The port inside its container. */
  readonly port: number;
  /** How long it may take to write its data to disk. */
  readonly stopTimeout: Seconds;
  /** Absent: the image's. */
  readonly stopSignal?: string;
  /** The expected downtime of a replacement, until one has been measured. */
  readonly gap: Seconds;
  /**
   * Run in the container: exit code 0 is ready. Over TCP, since the temporary server of a first start listens on its
   * socket alone. The last argument is the port, which `readyAt` replaces.
   */
  readonly ready: readonly string[];
  /** Run in the container with a terminal: its own client, logged in by the container's own environment. */
  readonly console: readonly string[];
}

/** Constant text for the container's own shell: what varies comes from the container's environment and from `$0`. */
const shell = (script: string, ...values: string[]): readonly string[] => ["sh", "-c", script.trim(), ...values];

// With a role and database that exist: each check with others would add a line to the server's log.
const POSTGRES_READY = `${POSTGRES_LOGIN}
exec pg_isready -h 127.0.0.1 -p "$0" -U "$user" -d "$db"`;

const POSTGRES_CONSOLE = `${POSTGRES_LOGIN}
exec psql -U "$user" "$db"`;

// A refused login still means that the server is up: exit code 0. MariaDB 11 has no mysqladmin any more, MariaDB 10.3 no mariadb-admin yet.
const MYSQL_READY = `
export MYSQL_PWD="\${MYSQL_ROOT_PASSWORD:-$MARIADB_ROOT_PASSWORD}"
exec "$(command -v mariadb-admin || command -v mysqladmin)" -h 127.0.0.1 -P "$0" -u root --silent ping`;

const MYSQL_CONSOLE = `${MYSQL_LOGIN}
database="\${MYSQL_DATABASE:-$MARIADB_DATABASE}"
exec "$(command -v mariadb || command -v mysql)" -u "$user" \${database:+"$database"}`;

// While Redis loads its data it answers LOADING, with exit code 0. NOAUTH means that it is up; the client reads REDISCLI_AUTH.
const REDIS_READY = `${REDIS_LOGIN}
reply="$("$client" -h 127.0.0.1 -p "$0" ping 2>&1)"
echo "$reply"
case "$reply" in *PONG* | *NOAUTH*) exit 0 ;; *) exit 1 ;; esac`;

const REDIS_CONSOLE = `${REDIS_LOGIN}
exec "$client"`;

const mysql = {
  port: 3306,
  stopTimeout: 60,
  gap: 5,
  ready: shell(MYSQL_READY, "3306"),
  console: shell(MYSQL_CONSOLE),
};

const redis = {
  port: 6379,
  stopTimeout: 60,
  gap: 1,
  ready: shell(REDIS_READY, "6379"),
  console: shell(REDIS_CONSOLE),
};

export const PRESETS: Readonly<Record<PresetName, Preset>> = {
  postgres: {
    name: "postgres",
    port: 5432,
    stopTimeout: 60,
    // SIGTERM, the default of images of PostgreSQL 12 and older, waits for all clients to disconnect.
    stopSignal: "SIGINT",
    gap: 2,
    ready: shell(POSTGRES_READY, "5432"),
    console: shell(POSTGRES_CONSOLE),
  },
  mysql: { name: "mysql", ...mysql },
  mariadb: { name: "mariadb", ...mysql },
  redis: { name: "redis", ...redis },
  valkey: { name: "valkey", ...redis },
};

/** The readiness check of a preset whose server listens on `port` of its container. */
export const readyAt = ({ ready }: Preset, port: number): string[] => [...ready.slice(0, -1), String(port)];

/** Other image names of the presets' servers. */
const ALSO: Readonly<Record<string, PresetName>> = {
  postgresql: "postgres",
  postgis: "postgres",
  pgvector: "postgres",
  timescaledb: "postgres",
  "timescaledb-ha": "postgres",
  "mysql-server": "mysql",
  percona: "mysql",
  "percona-server": "mysql",
};

const isPreset = (name: string): name is PresetName => Object.hasOwn(PRESETS, name);

/**
 * The preset of an image, by the last part of its repository.
 *
 * @example presetOf("registry.example.com/library/postgres:16.4") // "postgres"
 */
export function presetOf(image: string): PresetName | undefined {
  const repository = image.split("@", 1)[0] ?? "";
  const last = repository.slice(repository.lastIndexOf("/") + 1).split(":", 1)[0] ?? "";
  if (isPreset(last)) return last;
  return Object.hasOwn(ALSO, last) ? ALSO[last] : undefined;
}
