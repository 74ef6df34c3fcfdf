#!/bin/sh
# An image built with a setting that its server does not know: the server prints an error and exits at boot.
exec docker-entrypoint.sh "$@" --absent-setting=1
