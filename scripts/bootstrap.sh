#!/bin/sh
# Installs what `npm start`, `npm test` or `npm run test:image` needs and this machine does not have: the npm packages,
# of which Node 24 is one, and programs, with apt where this user may use it. It first says what it installs and with
# which command, and asks before it runs apt. When nothing is missing, it prints nothing.
# usage: sh scripts/bootstrap.sh start|test|image
#        sh scripts/bootstrap.sh programs COMMAND   only the servers; COMMAND is what the user typed
#   ASDLC_YES=1     answers yes to each question
#   ASDLC_NO_APT=1  never runs apt
set -eu
cd "$(dirname "$0")/.."

mode=${1:-}
command=${2:-npm start}      # what the user types to start the local stack
root=''                     # the prefix that runs a command as root: empty or `sudo -n`
log=''                      # file with the output of the current command, shown when the command fails
policy=/usr/sbin/policy-rc.d # Debian asks it before it starts a service
policy_is_ours=no
heartbeat_pid=''

say() { printf '%s\n' "$*"; }

fail() {
  printf '%s\n' "$@" >&2
  exit 1
}

cleanup() {
  [ -z "$heartbeat_pid" ] || kill -KILL "$heartbeat_pid" 2>/dev/null || :
  [ -z "$log" ] || rm -f "$log"
  [ "$policy_is_ours" = no ] || $root rm -f "$policy"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Prints a line every 10 s, to show that a long command still runs.
heartbeat() {
  elapsed=0
  while sleep 10 >/dev/null 2>&1; do
    elapsed=$((elapsed + 10))
    say "  … $elapsed s"
  done
}

# Runs a command, writes its output to $log and returns its exit code.
quietly() {
  [ -n "$log" ] || log=$(mktemp "${TMPDIR:-/tmp}/asdlc-bootstrap.XXXXXX")
  heartbeat &
  heartbeat_pid=$!
  code=0
  "$@" >>"$log" 2>&1 </dev/null || code=$?
  kill -KILL "$heartbeat_pid" 2>/dev/null || : # KILL: a new subshell still has this script's trap for TERM
  wait "$heartbeat_pid" 2>/dev/null || :
  heartbeat_pid=''
  return "$code"
}

# Some failures are gone after a few seconds: a lost connection, a package list that apt is writing.
quietly_with_retry() {
  quietly "$@" && return
  say "  It failed. Trying once more in 3 s …"
  sleep 3
  quietly "$@"
}

# npm prints the reason first, apt prints it last: show both ends of a long log.
show_log() {
  if [ "$(wc -l <"$log")" -le 40 ]; then
    sed 's/^/  /' "$log" >&2
  else
    { head -n 15 "$log" && say '…' && tail -n 15 "$log"; } | sed 's/^/  /' >&2
  fi
}

# agreed QUESTION: whether the user says yes. Returns 2 where there is nobody to ask.
agreed() {
  [ "${ASDLC_YES:-}" != 1 ] || return 0
  [ -z "${CI:-}" ] && [ -t 0 ] && [ -t 1 ] || return 2
  printf '%s [y/N] ' "$1"
  read -r answer || return 1
  case $answer in [yY] | [yY][eE][sS]) ;; *) return 1 ;; esac
}

. scripts/bootstrap/programs.sh

case $mode in
  start | test | image)
    . scripts/bootstrap/npm-packages.sh
    install_programs
    install_packages
    ;;
  programs) install_programs ;;
  *) fail "usage: sh scripts/bootstrap.sh start|test|image|programs; got: ${mode:-nothing}" ;;
esac
