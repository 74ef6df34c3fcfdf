#!/bin/sh
# An image built without one of its modules: the server prints an error and exits at boot.
exec docker-entrypoint.sh "$@" --loadmodule /usr/lib/redis/absent.so
