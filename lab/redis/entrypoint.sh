#!/bin/sh
# Starts Redis by the contract of the official image: as its own user, in /data, open to its network.
set -eu

case "${1:-}" in
  -* | *.conf) set -- redis-server "$@" ;;
esac
[ "${1:-}" = redis-server ] || exec "$@"
if [ "$(id -u)" = 0 ]; then
  find . ! -user redis -exec chown redis: {} +
  exec setpriv --reuid=redis --regid=redis --init-groups -- "$0" "$@"
fi
umask 0077
# Debian's build refuses everybody but itself until a password is set; the official one leaves that to the network.
case "$*" in
  *protected-mode*) exec "$@" ;;
esac
if [ -f "${2:-}" ] && grep -q '^ *protected-mode' "$2"; then exec "$@"; fi
exec "$@" --protected-mode no
