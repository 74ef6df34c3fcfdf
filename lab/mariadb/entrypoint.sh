#!/bin/sh
# Starts MariaDB by the contract of the official image: the same environment, paths and order of steps. It loads no time zones.
set -eu

DATA=/var/lib/mysql
SOCKET=/run/mysqld/mysqld.sock

say() { echo "entrypoint: $*" >&2; }
fail() { say "error: $*"; exit 1; }

# MARIADB_$1 gets its own value, or that of MYSQL_$1, or the content of the file that either …_FILE names.
setting() {
  eval "value=\${MARIADB_$1:-\${MYSQL_$1:-}} file=\${MARIADB_$1_FILE:-\${MYSQL_$1_FILE:-}}"
  [ -z "$value" ] || [ -z "$file" ] || fail "MARIADB_$1 and MARIADB_$1_FILE are both set"
  [ -z "$file" ] || value="$(cat "$file")"
  eval "MARIADB_$1=\$value"
  export "MARIADB_$1"
}

as_mysql() {
  find "$DATA" /run/mysqld ! -user mysql -exec chown mysql: {} +
  exec setpriv --reuid=mysql --regid=mysql --init-groups -- "$0" "$@"
}

# A string of SQL.
quoted() { printf "'%s'" "$(printf %s "$1" | sed "s/[\\\\']/\\\\&/g")"; }
# Not echo, which reads backslashes.
statement() { printf '%s\n' "$1"; }
root() { mariadb --no-defaults --protocol=socket --socket="$SOCKET" --user=root --batch "$@"; }

make_tables() {
  if [ -z "$MARIADB_ROOT_PASSWORD$MARIADB_ALLOW_EMPTY_ROOT_PASSWORD$MARIADB_RANDOM_ROOT_PASSWORD" ]; then
    fail "the data folder is empty; set MARIADB_ROOT_PASSWORD, MARIADB_ALLOW_EMPTY_ROOT_PASSWORD or MARIADB_RANDOM_ROOT_PASSWORD"
  fi
  mariadb-install-db --datadir="$DATA" --rpm --auth-root-authentication-method=normal --skip-test-db >/dev/null
}

# Only the socket: no client finds a database that is not complete.
start_on_socket() {
  "$@" --skip-networking --socket="$SOCKET" &
  server=$!
  tries=0
  until root -e 'SELECT 1' >/dev/null 2>&1; do
    kill -0 "$server" 2>/dev/null || { wait "$server"; exit 1; }
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || fail "the server is not ready after 60 s"
    sleep 0.1
  done
}

make_accounts() {
  if [ -n "$MARIADB_RANDOM_ROOT_PASSWORD" ]; then
    MARIADB_ROOT_PASSWORD="$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
    say "generated root password: $MARIADB_ROOT_PASSWORD"
  fi
  password="$(quoted "$MARIADB_ROOT_PASSWORD")"
  {
    [ -z "$MARIADB_DATABASE" ] || statement "CREATE DATABASE IF NOT EXISTS \`$MARIADB_DATABASE\`;"
    if [ -n "$MARIADB_USER" ] && [ -n "$MARIADB_PASSWORD" ]; then
      statement "CREATE USER '$MARIADB_USER'@'%' IDENTIFIED BY $(quoted "$MARIADB_PASSWORD");"
      # the official one escapes the underscore, which is a wildcard in a grant
      [ -z "$MARIADB_DATABASE" ] ||
        statement "GRANT ALL ON \`$(printf %s "$MARIADB_DATABASE" | sed 's/_/\\_/g')\`.* TO '$MARIADB_USER'@'%';"
    fi
    statement "DROP USER IF EXISTS 'root'@'127.0.0.1', 'root'@'::1', 'root'@'$(hostname)';"
    statement "CREATE USER 'root'@'%' IDENTIFIED BY $password;"
    statement "GRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION;"
    statement "SET PASSWORD FOR 'root'@'localhost' = PASSWORD($password);"
  } | root
}

run_scripts() {
  export MYSQL_PWD="$MARIADB_ROOT_PASSWORD"
  for script in /docker-entrypoint-initdb.d/*; do
    case "$script" in
      *.sh)
        say "run $script"
        if [ -x "$script" ]; then "$script"; else . "$script"; fi
        ;;
      *.sql) say "run $script"; root ${MARIADB_DATABASE:+"$MARIADB_DATABASE"} <"$script" ;;
      *.sql.gz) say "run $script"; gzip -dc "$script" | root ${MARIADB_DATABASE:+"$MARIADB_DATABASE"} ;;
    esac
  done
  unset MYSQL_PWD
}

stop_on_socket() {
  kill "$server"
  wait "$server"
}

case "${1:-}" in
  -*) set -- mariadbd "$@" ;;
esac
case "${1:-}" in
  mariadbd | mysqld) ;;
  *) exec "$@" ;;
esac
for argument; do
  case "$argument" in
    '-?' | --help | -V | --version) exec "$@" ;;
  esac
done
[ "$(id -u)" != 0 ] || as_mysql "$@"

for name in ROOT_PASSWORD DATABASE USER PASSWORD ALLOW_EMPTY_ROOT_PASSWORD RANDOM_ROOT_PASSWORD; do setting "$name"; done

if [ -d "$DATA/mysql" ]; then
  say "the data folder has a database: nothing is initialized"
else
  make_tables
  start_on_socket "$@"
  make_accounts
  run_scripts
  stop_on_socket
  say "the database is initialized; the server starts for every client"
fi
exec "$@"
