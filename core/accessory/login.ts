/** How a server's own client logs in, for a shell inside its container: everything comes from the container's environment. */

/** Sets `user` and `db`. */
export const POSTGRES_LOGIN = `
user="\${POSTGRES_USER:-postgres}"
db="\${POSTGRES_DB:-$user}"`;

/** Exports MYSQL_PWD, which the clients of MySQL and of MariaDB read, and sets `user`: root, where its password is known. */
export const MYSQL_LOGIN = `
export MYSQL_PWD="\${MYSQL_ROOT_PASSWORD:-$MARIADB_ROOT_PASSWORD}"
user=root
if [ -z "$MYSQL_PWD" ] && [ -n "$MYSQL_USER$MARIADB_USER" ]; then
  user="\${MYSQL_USER:-$MARIADB_USER}"
  MYSQL_PWD="\${MYSQL_PASSWORD:-$MARIADB_PASSWORD}"
fi`;

/**
 * Loads a dump from standard input; $1 is the port. In binary mode the client runs none of the commands of its own that a dump may contain
 * (`\!`, `system`, `source`, `tee`), only DELIMITER: who can write to the store of backups cannot run commands by it.
 */
export const MYSQL_LOAD = `${MYSQL_LOGIN}
exec "$(command -v mariadb || command -v mysql)" --binary-mode -h 127.0.0.1 -P "$1" -u "$user"`;

/** Sets `client`, which takes its password from REDISCLI_AUTH. */
export const REDIS_LOGIN = `
if [ -z "$REDISCLI_AUTH" ] && [ -n "\${REDIS_PASSWORD:-$VALKEY_PASSWORD}" ]; then
  export REDISCLI_AUTH="\${REDIS_PASSWORD:-$VALKEY_PASSWORD}"
fi
client="$(command -v valkey-cli || command -v redis-cli)"`;
