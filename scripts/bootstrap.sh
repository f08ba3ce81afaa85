#!/bin/sh
# Installs what `npm start` or `npm test` needs and this machine does not have: the npm packages, of which Node 24
# is one, and the servers, with apt where this user may use it. When nothing is missing, it prints nothing.
# usage: sh scripts/bootstrap.sh start|test
set -eu
cd "$(dirname "$0")/.."

mode=${1:-}
root=''                     # the prefix that runs a command as root: empty or `sudo -n`
log=''                      # file with the output of the current command, shown when the command fails
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

# Prints how to install the given packages by hand.
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
  say 'Install them in one of these ways, then run the command again:'
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
        say '  Docker, VictoriaMetrics. It must scrape the two services: first write the static targets of'
        say '  src/infrastructure/metrics/SCRAPE_CONFIG.md to scrape.yml.'
        say '    docker run -d --name asdlc-victoria-metrics --network host -v "$PWD/scrape.yml:/scrape.yml:ro" \'
        say '      victoriametrics/victoria-metrics -httpListenAddr=127.0.0.1:8428 -promscrape.config=/scrape.yml'
        say '    VICTORIAMETRICS_URL=http://127.0.0.1:8428 npm start'
        ;;
      test-victoria-metrics)
        say '  Other systems    victoria-metrics and vmagent (in vmutils) from'
        say '                   https://github.com/VictoriaMetrics/VictoriaMetrics/releases'
        ;;
    esac
  done
}

# Debian starts a service as soon as its package is installed. These services would take the ports of the local
# stack. policy-rc.d forbids it for them alone, while this script runs. A power cut may leave the file behind; it
# then forbids nothing.
keep_services_off() {
  [ ! -e "$policy" ] || return 0
  policy_is_ours=yes
  $root sh -c "cat >$policy && chmod 755 $policy" <<POLICY
#!/bin/sh
# Written by scripts/bootstrap.sh of asdlc. It has no effect after the end of process $$.
[ -d /proc/$$ ] || exit 0
case "\$*" in *redis-server* | *victoria-metrics* | *prometheus*) exit 101 ;; esac
exit 0
POLICY
}

# The installation enables the services: without this they would start with the machine.
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
      "This script can install them with apt, as root or with passwordless sudo. Here it cannot." "$(advise "$@")"
  fi
  say "installing $* with apt …"
  keep_services_off
  quietly_with_retry apt update || say '  apt-get update failed. Trying with the package lists of this machine …'
  if ! quietly_with_retry apt install --no-install-recommends "$@"; then
    show_log
    fail "apt-get could not install $*. Its output is above." "$(advise "$@")"
  fi
  disable_services "$@"
  find_missing
  [ -z "$missing_programs" ] || fail "apt-get installed $*, but these programs are not on PATH:$missing_programs"
}

installed_before() {
  [ -x "$node" ] || return 1
  [ ! -f "$stamp" ] || ! cmp -s package-lock.json "$stamp" || return 0
  # After an `npm install` by hand there is no stamp. But npm's own record is then newer than the lock file.
  [ -n "$(find node_modules/.package-lock.json -newer package-lock.json 2>/dev/null)" ] || return 1
  cp package-lock.json "$stamp"
}

# With the dev dependencies, whatever NODE_ENV is, and with install scripts: the package `node` is a dev dependency
# whose install script fetches Node 24.
npm_quietly() {
  quietly npm "$@" --include=dev --ignore-scripts=false --engine-strict=false --loglevel=error --no-audit --no-fund
}

install_packages() {
  ! installed_before || return 0
  command -v npm >/dev/null 2>&1 || fail 'Expected npm on PATH, and did not find it. It comes with Node: https://nodejs.org/'
  say 'installing the npm packages …'
  # A registry may lack the packages of other platforms. npm 11 then writes a lock file that `npm ci` refuses.
  # `npm install` accepts that lock file, and installs the same versions.
  if ! npm_quietly ci; then
    say '  npm ci failed. Trying npm install with the same lock file …'
    : >"$log"
    if ! npm_quietly install --no-save; then
      show_log
      fail 'npm could not install the packages. Its output is above. Is the registry reachable (`npm config get registry`)?'
    fi
  fi
  version=$("$node" -p process.versions.node 2>/dev/null) || version=''
  case ${version%%.*} in
    2[4-9] | [3-9][0-9]) ;;
    *)
      fail "Expected $node to be Node 24 or newer; got ${version:-nothing that runs}." \
        'The install script of the npm package "node" puts it there. Check that npm may run it (allowScripts in' \
        'package.json), and that Node has a build for this machine (glibc, processor).'
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
