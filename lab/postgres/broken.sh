#!/bin/sh
# An image built without one of its libraries: the server prints an error and exits at boot.
exec docker-entrypoint.sh "$@" -c shared_preload_libraries=pg_absent
