import { MYSQL_LOAD, MYSQL_LOGIN, POSTGRES_LOGIN } from "../../core/accessory/login.ts";
import type { PresetName } from "../../core/accessory/preset.ts";
import type { CreateBody } from "../../hosts/index.ts";

/** How a backup is restored and queried in a separate container. */
export interface DrillMethod {
  /** What the container runs, where that is not what its image runs. */
  readonly command: Pick<CreateBody, "Entrypoint" | "Cmd" | "User">;
  /** Whether the server is there before it gets the data, or starts with it. */
  readonly waits: "before" | "after" | "never";
  /** Reads the backup. */
  readonly load: (port: string) => string[];
  /** Reads the question. */
  readonly ask: (port: string) => string[];
  /** The default, unless the config has its own. */
  readonly question: string;
}

const shell = (script: string, ...args: string[]): string[] => ["sh", "-c", script.trim(), "slipway-drill", ...args];

const POSTGRES = `${POSTGRES_LOGIN}
export PGPASSWORD="$POSTGRES_PASSWORD"`;

// Other roles than its own are no part of a backup.
const postgres: DrillMethod = {
  command: {},
  waits: "before",
  load: (port) =>
    shell(`${POSTGRES}\nexec pg_restore -h 127.0.0.1 -p "$1" -U "$user" -w --exit-on-error --no-owner --no-acl -d "$db"`, port),
  ask: (port) =>
    shell(`${POSTGRES}\nexec psql -h 127.0.0.1 -p "$1" -U "$user" -w -X -q -A -t -v ON_ERROR_STOP=1 -d "$db" -f -`, port),
  question: "SELECT count(*) FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema')",
};

const MYSQL = `${MYSQL_LOGIN}
exec "$(command -v mariadb || command -v mysql)" -h 127.0.0.1 -P "$1" -u "$user"`;

const mysql: DrillMethod = {
  command: {},
  waits: "before",
  load: (port) => shell(MYSQL_LOAD, port),
  ask: (port) => shell(`${MYSQL} -N -B \${MYSQL_DATABASE:-$MARIADB_DATABASE}`, port),
  question: "SELECT count(*) FROM information_schema.tables WHERE table_schema = database()",
};

const PLACE = "/tmp/slipway-drill";

/** 120 s for the backup to come. */
const TRIES = 1200;

const redis: DrillMethod = {
  command: {
    User: "0",
    Entrypoint: ["sh"],
    Cmd: [
      "-c",
      `
tries=0
until [ -e ${PLACE}/whole ]; do
  tries=$((tries + 1))
  if [ "$tries" -gt ${TRIES} ]; then exit 1; fi
  sleep 0.1
done
exec "$(command -v valkey-server || command -v redis-server)" --dir ${PLACE} --dbfilename dump.rdb --appendonly no --save ''`.trim(),
    ],
  },
  waits: "after",
  load: () => shell(`mkdir -p ${PLACE} && cat >${PLACE}/dump.rdb && : >${PLACE}/whole`),
  ask: () => shell(`unset REDISCLI_AUTH; exec "$(command -v valkey-cli || command -v redis-cli)" -h 127.0.0.1`),
  question: "DBSIZE",
};

const files: DrillMethod = {
  command: { User: "0", Entrypoint: ["sh"], Cmd: ["-c", `sleep ${TRIES * 10}`] },
  waits: "never",
  load: () => shell(`mkdir -p ${PLACE} && cd ${PLACE} && exec tar -xpf -`),
  ask: () => shell(`cd ${PLACE} && exec sh -s`),
  question: "du -a . | wc -l",
};

const METHODS: Readonly<Record<PresetName | "files", DrillMethod>> = {
  postgres,
  mysql,
  mariadb: mysql,
  redis,
  valkey: redis,
  files,
};

export const drillMethodOf = (preset: PresetName | undefined): DrillMethod => METHODS[preset ?? "files"];
