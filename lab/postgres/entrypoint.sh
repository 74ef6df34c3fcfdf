#!/bin/sh
# Starts PostgreSQL by the contract of the official image: the same environment, places and order of things.
set -eu

say() { echo "entrypoint: $*" >&2; }
fail() { say "error: $*"; exit 1; }

# The variable $1, else the content of the file that $1_FILE names, else $2.
setting() {
  eval "value=\${$1:-} file=\${$1_FILE:-}"
  [ -z "$value" ] || [ -z "$file" ] || fail "$1 and $1_FILE are both set"
  [ -z "$file" ] || value="$(cat "$file")"
  eval "$1=\${value:-\$2}"
  export "$1"
  unset "$1_FILE"
}

as_postgres() {
  mkdir -p "$PGDATA"
  chmod 0700 "$PGDATA"
  find "$PGDATA" /run/postgresql ! -user postgres -exec chown postgres: {} +
  export HOME=/var/lib/postgresql
  exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$0" "$@"
}

query() { psql -v ON_ERROR_STOP=1 --no-password --no-psqlrc --username "$POSTGRES_USER" "$@"; }

make_cluster() {
  if [ -z "$POSTGRES_PASSWORD" ] && [ "$POSTGRES_HOST_AUTH_METHOD" != trust ]; then
    fail "the data folder is empty, and no POSTGRES_PASSWORD is given for its superuser $POSTGRES_USER"
  fi
  password="$(umask 077 && mktemp)"
  printf '%s\n' "$POSTGRES_PASSWORD" >"$password"
  # shellcheck disable=SC2086 # words of their own
  initdb --username="$POSTGRES_USER" ${POSTGRES_PASSWORD:+--pwfile="$password"} $POSTGRES_INITDB_ARGS
  rm "$password"
  printf '\nhost all all all %s\n' "$POSTGRES_HOST_AUTH_METHOD" >>"$PGDATA/pg_hba.conf"
  printf "\nlisten_addresses = '*'\n" >>"$PGDATA/postgresql.conf"
}

# No client from outside may reach a database that is half made: it listens on its socket alone.
start_on_socket() {
  "$@" -c listen_addresses= -c port="${PGPORT:-5432}" &
  server=$!
  tries=0
  until pg_isready -q -h /run/postgresql -U "$POSTGRES_USER" -d postgres; do
    kill -0 "$server" 2>/dev/null || { wait "$server"; exit 1; }
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || fail "the server is not ready after 60 s"
    sleep 0.1
  done
}

make_database() {
  [ "$POSTGRES_DB" = postgres ] && return
  query --dbname postgres --set db="$POSTGRES_DB" <<'SQL'
CREATE DATABASE :"db";
SQL
}

run_scripts() {
  for script in /docker-entrypoint-initdb.d/*; do
    case "$script" in
      *.sh)
        say "run $script"
        if [ -x "$script" ]; then "$script"; else . "$script"; fi
        ;;
      *.sql) say "run $script"; query --dbname "$POSTGRES_DB" --file "$script" ;;
      *.sql.gz) say "run $script"; gzip -dc "$script" | query --dbname "$POSTGRES_DB" ;;
    esac
  done
}

stop_on_socket() {
  kill -INT "$server"
  wait "$server"
}

case "${1:-}" in
  -*) set -- postgres "$@" ;;
esac
[ "${1:-}" = postgres ] || exec "$@"
for argument; do
  case "$argument" in
    '-?' | --help | -V | --version | --describe-config) exec "$@" ;;
  esac
done
[ "$(id -u)" != 0 ] || as_postgres "$@"

setting POSTGRES_PASSWORD ''
setting POSTGRES_USER postgres
setting POSTGRES_DB "$POSTGRES_USER"
setting POSTGRES_INITDB_ARGS ''
: "${POSTGRES_HOST_AUTH_METHOD:=scram-sha-256}"

if [ -s "$PGDATA/PG_VERSION" ]; then
  say "the data folder holds a database: nothing is made"
else
  make_cluster
  start_on_socket "$@"
  make_database
  run_scripts
  stop_on_socket
  say "the database is made; now it starts for everybody"
fi
exec "$@"
