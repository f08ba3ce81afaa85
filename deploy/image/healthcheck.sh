#!/bin/bash
# Asks the service of this container for /health/live or /health/ready: `healthcheck.sh live`. It is a script of bash,
# which can open a connection: a check that starts Node would take some 50 ms of processor time, every 10 s.
set -eu

check=${1:-live}

# The port follows from the service when SERVICE_PORT does not name one.
port=${SERVICE_PORT:-}
if [ -z "$port" ]; then
  port=8080
  for file in /proc/[0-9]*/cmdline; do
    case $(tr '\0' ' ' <"$file" 2>/dev/null || :) in
      *'/app/dist/workers/main.js '*) port=8081 ;;
    esac
  done
fi

host=${SERVICE_HOST:-127.0.0.1}
case $host in
  0.0.0.0 | ::) host=127.0.0.1 ;;
esac

exec 3<>"/dev/tcp/$host/$port"
printf 'GET /health/%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$check" >&3
read -r _ status _ <&3
[ "$status" = 200 ] || {
  printf '/health/%s: expected 200; got %s\n' "$check" "$status" >&2
  exit 1
}
