#!/bin/sh
# An image built without one of its libraries: the server says so and exits at boot.
exec docker-entrypoint.sh "$@" -c shared_preload_libraries=pg_absent
