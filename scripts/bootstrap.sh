#!/bin/sh
# Installs what `npm start` or `npm test` needs and this machine lacks: the npm packages (Node 24 is one of
# them) and, by apt where that is permitted, the servers. Silent and instant when nothing is missing.
# usage: sh scripts/bootstrap.sh start|test
set -eu
cd "$(dirname "$0")/.."

mode=${1:-}
root=''                     # what makes a command run as root: nothing, or `sudo -n`
log=''                      # output of the command that runs now, shown when it fails
policy=/usr/sbin/policy-rc.d
policy_is_ours=no
heartbeat_pid=''
node=node_modules/.bin/node
stamp=node_modules/.asdlc-installed
missing_programs=''
missing_packages=''

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

# A line every ten seconds, so that a long command is not taken for a hanging one.
heartbeat() {
  elapsed=0
  while sleep 10 >/dev/null 2>&1; do
    elapsed=$((elapsed + 10))
    say "  … $elapsed s"
  done
}

# Runs a command with its output in $log. Fails as the command does.
quietly() {
  [ -n "$log" ] || log=$(mktemp "${TMPDIR:-/tmp}/asdlc-bootstrap.XXXXXX")
  heartbeat &
  heartbeat_pid=$!
  code=0
  "$@" >>"$log" 2>&1 </dev/null || code=$?
  kill -KILL "$heartbeat_pid" 2>/dev/null || : # one just started still has our trap, which would swallow TERM
  wait "$heartbeat_pid" 2>/dev/null || :
  heartbeat_pid=''
  return "$code"
}

# The second try is for what passes by itself: a lost connection, an apt list that is being rewritten.
quietly_with_retry() {
  quietly "$@" && return
  say "  failed; trying once more in 3 s"
  sleep 3
  quietly "$@"
}

# npm gives the reason first, apt last.
show_log() {
  if [ "$(wc -l <"$log")" -le 40 ]; then
    sed 's/^/  /' "$log" >&2
  else
    { head -n 15 "$log" && say '…' && tail -n 15 "$log"; } | sed 's/^/  /' >&2
  fi
}

# need PACKAGE PROGRAM [OTHER_NAME_OF_PROGRAM]
need() {
  package=$1
  program=$2
  shift
  for name; do
    command -v "$name" >/dev/null 2>&1 && return
  done
  missing_programs="$missing_programs $program"
  case " $missing_packages " in
    *" $package "*) ;;
    *) missing_packages="$missing_packages $package" ;;
  esac
}

find_missing() {
  missing_programs=''
  missing_packages=''
  if [ "$mode" = test ]; then
    need git git
    need redis-server redis-server
    need victoria-metrics victoria-metrics
    need victoria-metrics vmagent
    need prometheus promtool
    need prometheus prometheus
    need chromium chromium chromium-browser google-chrome google-chrome-stable
    return
  fi
  [ -n "${REDIS_URL:-}" ] || need redis-server redis-server
  [ -n "${VICTORIAMETRICS_URL:-}" ] || need victoria-metrics victoria-metrics victoria-metrics-prod
}

may_use_apt() {
  command -v apt-get >/dev/null 2>&1 || return 1
  [ "$(id -u)" != 0 ] || return 0
  sudo -n true >/dev/null 2>&1 || return 1
  root='sudo -n'
}

# How to get what is missing by hand, for the packages given.
advise() {
  brew=''
  for package; do
    case $package in
      redis-server) brew="$brew redis" ;;
      victoria-metrics) brew="$brew victoriametrics" ;;
      chromium) brew="$brew google-chrome" ;;
      *) brew="$brew $package" ;;
    esac
  done
  say ''
  say 'Any of these helps:'
  say "  Debian, Ubuntu   sudo apt-get install --no-install-recommends $*"
  say "  macOS, Homebrew  brew install$brew"
  for package; do
    case $mode-$package in
      start-redis-server)
        say '  Docker, Redis'
        say '    docker run -d --name asdlc-redis -p 127.0.0.1:6379:6379 redis:7 redis-server \'
        say '      --appendonly yes --maxmemory-policy noeviction'
        say '    REDIS_URL=redis://127.0.0.1:6379 npm start'
        ;;
      start-victoria-metrics)
        say '  Docker, VictoriaMetrics (it must scrape the two services itself: put the static targets of'
        say '  src/infrastructure/metrics/SCRAPE_CONFIG.md into scrape.yml first)'
        say '    docker run -d --name asdlc-victoria-metrics --network host -v "$PWD/scrape.yml:/scrape.yml:ro" \'
        say '      victoriametrics/victoria-metrics -httpListenAddr=127.0.0.1:8428 -promscrape.config=/scrape.yml'
        say '    VICTORIAMETRICS_URL=http://127.0.0.1:8428 npm start'
        ;;
      test-victoria-metrics)
        say '  Elsewhere        victoria-metrics and vmagent (in vmutils) from'
        say '                   https://github.com/VictoriaMetrics/VictoriaMetrics/releases'
        ;;
    esac
  done
}

# Debian starts a service when its package is installed, which would take the ports of the local stack. This
# refuses it for ours only, and only while this script runs: left behind by a power cut, it does nothing.
keep_services_off() {
  [ ! -e "$policy" ] || return 0
  policy_is_ours=yes
  $root sh -c "cat >$policy && chmod 755 $policy" <<POLICY
#!/bin/sh
# Written by asdlc's scripts/bootstrap.sh, process $$, and of no effect when that has ended.
[ -d /proc/$$ ] || exit 0
case "\$*" in *redis-server* | *victoria-metrics* | *prometheus*) exit 101 ;; esac
exit 0
POLICY
}

# They are enabled by their installation, and would start with the machine.
disable_services() {
  [ -d /run/systemd/system ] || return 0
  for package; do
    [ "$package" = git ] || $root systemctl disable --now "$package" >/dev/null 2>&1 || :
  done
}

apt() {
  $root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120 "$@"
}

install_programs() {
  find_missing
  [ -n "$missing_packages" ] || return 0
  set -- $missing_packages
  if ! may_use_apt; then
    fail "asdlc needs these programs, and they are not on PATH:$missing_programs" \
      "(apt would install them, where apt-get exists and root or passwordless sudo permits it)" "$(advise "$@")"
  fi
  say "installing $* with apt …"
  keep_services_off
  quietly_with_retry apt update || say '  apt-get update failed; trying with the lists there are'
  if ! quietly_with_retry apt install --no-install-recommends "$@"; then
    show_log
    fail "apt-get could not install: $*" "$(advise "$@")"
  fi
  disable_services "$@"
  find_missing
  [ -z "$missing_programs" ] || fail "apt-get installed $*, yet these are not on PATH:$missing_programs"
}

installed_before() {
  [ -x "$node" ] || return 1
  [ ! -f "$stamp" ] || ! cmp -s package-lock.json "$stamp" || return 0
  # An `npm install` by hand has no stamp; npm's own record is newer than the lock file then.
  [ -n "$(find node_modules/.package-lock.json -newer package-lock.json 2>/dev/null)" ] || return 1
  cp package-lock.json "$stamp"
}

# Dev dependencies whatever NODE_ENV says, and with install scripts: Node 24 is one, and fetches itself by its own.
npm_quietly() {
  quietly npm "$@" --include=dev --ignore-scripts=false --engine-strict=false --loglevel=error --no-audit --no-fund
}

install_packages() {
  ! installed_before || return 0
  command -v npm >/dev/null 2>&1 || fail 'npm was expected on PATH, and is not there: https://nodejs.org/'
  say 'installing the npm packages …'
  # npm 11 refuses a lock file that was written where the registry lacks the packages of other platforms.
  # `npm install` bears that, and keeps to the versions of the lock file too.
  if ! npm_quietly ci; then
    say '  npm ci failed; trying npm install with the same lock file'
    : >"$log"
    if ! npm_quietly install --no-save; then
      show_log
      fail 'The npm packages could not be installed: see above. `npm config get registry` must be reachable.'
    fi
  fi
  version=$("$node" -p process.versions.node 2>/dev/null) || version=''
  case ${version%%.*} in
    2[4-9] | [3-9][0-9]) ;;
    *)
      fail "$node was expected to be Node 24 or newer, and is ${version:-not runnable}." \
        'The install script of the npm package "node" puts it there: see allowScripts in package.json, and' \
        'whether this machine (glibc, processor) has a build of it.'
      ;;
  esac
  cp package-lock.json "$stamp"
}

case $mode in
  start | test) ;;
  *) fail "usage: sh scripts/bootstrap.sh start|test; got: ${mode:-nothing}" ;;
esac
install_programs
install_packages
