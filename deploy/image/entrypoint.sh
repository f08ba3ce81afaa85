#!/bin/sh
# What a container of the image runs: `orchestrator` or `workers`. Further arguments go to Node, as --max-old-space-size.
set -eu

service=${1:-}
case $service in
  # Without these V8 lets the heap grow to four times what is in use: docs/scaling.md.
  orchestrator) flags='--max-semi-space-size=8 --heap-growing-percent=100' ;;
  workers) flags= ;;
  *)
    printf 'expected the command orchestrator or workers; got %s\n' "${service:-nothing}" >&2
    exit 64
    ;;
esac
shift
# shellcheck disable=SC2086 # several flags
exec node $flags "$@" "/app/dist/$service/main.js"
