#!/bin/sh
# An image built without one of its modules: the server says so and exits at boot.
exec docker-entrypoint.sh "$@" --loadmodule /usr/lib/redis/absent.so
