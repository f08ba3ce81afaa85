#!/bin/sh
# What a container of the image runs: `orchestrator` or `workers`. Further arguments go to Node, as --max-old-space-size.
set -eu

service=${1:-}
case $service in
  orchestrator | workers) ;;
  *)
    printf 'expected the command orchestrator or workers; got %s\n' "${service:-nothing}" >&2
    exit 64
    ;;
esac
shift
exec node "$@" "/app/dist/$service/main.js"
