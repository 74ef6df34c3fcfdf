import { MYSQL_LOGIN, POSTGRES_LOGIN, REDIS_LOGIN } from "../../core/accessory/login.ts";
import type { PresetName } from "../../core/accessory/preset.ts";

/** Where both containers of a backup mount the pipes. */
export const PIPE = "/slipway-pipe";

/** 30 s for the other container to start. */
const MAX_ATTEMPTS = 300;

/**
 * The frame of every dump, for the image's own shell: $1 is the folder of the pipes, the rest are arguments of `dump`. The data goes
 * through one pipe and the exit code through the other, so that a failed or killed dump is never taken for a complete one.
 */
const FRAME = `
pipe=$1
shift
tries=0
until [ -p "$pipe/data" ] && [ -p "$pipe/code" ]; do
  tries=$((tries + 1))
  if [ "$tries" -gt ${MAX_ATTEMPTS} ]; then
    echo "the container that stores the dump did not start" >&2
    exit 70
  fi
  sleep 0.1
done
exec 3>"$pipe/data" 4>"$pipe/code"
echo begin >&4
dump "$@" >&3 3>&- 4>&-
code=$?
exec 3>&-
echo "end $code" >&4
exit "$code"`;

// -w: never ask for a password.
const POSTGRES = `
dump() {${POSTGRES_LOGIN}
  PGPASSWORD="$POSTGRES_PASSWORD" pg_dump -Fc -w -h "$1" -p "$2" -U "$user" "$db"
}`;

// MySQL's own client knows no password file in the environment; MYSQL_PWD is read by both.
const MYSQL = `
dump() {${MYSQL_LOGIN}
  database="\${MYSQL_DATABASE:-$MARIADB_DATABASE}"
  "$(command -v mariadb-dump || command -v mysqldump)" -h "$1" -P "$2" -u "$user" --single-transaction --quick \\
    --routines --triggers --events --add-drop-table \${database:+--databases "$database"} $([ -n "$database" ] || echo --all-databases)
}`;

const REDIS = `
dump() {${REDIS_LOGIN}
  "$client" -h "$1" -p "$2" --rdb -
}`;

// tar ends with 1 when a file changed while it was read, which is normal for a running service.
const FILES = `
dump() {
  tar -C "$1" -cf - .
  code=$?
  if [ "$code" -eq 1 ]; then return 0; fi
  return "$code"
}`;

const SCRIPTS: Readonly<Record<PresetName | "files", string>> = {
  postgres: POSTGRES,
  mysql: MYSQL,
  mariadb: MYSQL,
  redis: REDIS,
  valkey: REDIS,
  files: FILES,
};

/** The command of a dump container. It contains no secrets: those are in the container's environment. */
export const dumpCommand = (of: PresetName | "files", ...where: readonly string[]): string[] => [
  "sh",
  "-c",
  `${SCRIPTS[of].trim()}\n${FRAME.trim()}`,
  "slipway-dump",
  PIPE,
  ...where,
];
