# A part of scripts/bootstrap.sh: installs the programs that `npm start` or `npm test` runs, with apt.

missing_programs=''
missing_packages=''

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
    need prometheus-alertmanager prometheus-alertmanager
    need victoria-metrics vmalert
    need systemd systemd-analyze
    need nginx nginx /usr/sbin/nginx # not on the PATH of every user
    need chromium-headless-shell chromium-headless-shell chromium chromium-browser google-chrome google-chrome-stable
    return
  fi
  if [ "$mode" = image ]; then
    need buildah buildah
    need debootstrap debootstrap
    need unzip unzip
    need iproute2 ip
    need wget wget
    need redis-server redis-server
    need victoria-metrics victoria-metrics
    need victoria-metrics vmagent
    need victoria-metrics vmalert
    need prometheus-alertmanager prometheus-alertmanager
    return
  fi
  [ -n "${REDIS_URL:-}" ] || need redis-server redis-server
  [ -n "${VICTORIAMETRICS_URL:-}" ] || need victoria-metrics victoria-metrics victoria-metrics-prod
}

# Fails, with the reason in $why_not, where this script cannot run apt.
may_use_apt() {
  why_not='ASDLC_NO_APT=1 forbids this script to install them with apt.'
  [ "${ASDLC_NO_APT:-}" != 1 ] || return 1
  why_not='This script installs them with apt, and this machine has no apt-get.'
  command -v apt-get >/dev/null 2>&1 || return 1
  [ "$(id -u)" != 0 ] || return 0
  why_not='This script installs them with apt, as root or with passwordless sudo. Here it can use neither.'
  sudo -n true >/dev/null 2>&1 || return 1
  root='sudo -n'
}

# Where there is nobody to ask, root and CI go on: both have chosen to run this script.
may_install() {
  code=0
  agreed "$1" || code=$?
  [ "$code" = 2 ] || return "$code"
  [ -n "${CI:-}" ] || [ "$(id -u)" = 0 ] || {
    say 'There is no terminal to ask the question on. With ASDLC_YES=1 this script does not ask.'
    return 1
  }
}

# Prints how to install the given packages by hand.
advise() {
  brew=''
  for package; do
    case $package in
      redis-server) brew="$brew redis" ;;
      victoria-metrics) brew="$brew victoriametrics" ;;
      chromium-headless-shell) brew="$brew google-chrome" ;;
      prometheus-alertmanager) brew="$brew alertmanager" ;;
      *) brew="$brew $package" ;;
    esac
  done
  say ''
  say 'Install them in one of these ways, then run the command again:'
  say "  Debian, Ubuntu   sudo apt-get install --no-install-recommends $*"
  say "  macOS, Homebrew  brew install$brew"
  for package; do
    case $mode-$package in
      start-redis-server | programs-redis-server)
        say '  Docker, Redis'
        say '    docker run -d --name asdlc-redis -p 127.0.0.1:6379:6379 redis:7 redis-server \'
        say '      --appendonly yes --maxmemory-policy noeviction'
        say "    REDIS_URL=redis://127.0.0.1:6379 $command"
        ;;
      start-victoria-metrics | programs-victoria-metrics)
        say '  Docker, VictoriaMetrics. It must scrape the two services: first write the static targets of'
        say '  src/infrastructure/metrics/SCRAPE_CONFIG.md to scrape.yml.'
        say '    docker run -d --name asdlc-victoria-metrics --network host -v "$PWD/scrape.yml:/scrape.yml:ro" \'
        say '      victoriametrics/victoria-metrics -httpListenAddr=127.0.0.1:8428 -promscrape.config=/scrape.yml'
        say "    VICTORIAMETRICS_URL=http://127.0.0.1:8428 $command"
        ;;
      test-victoria-metrics)
        say '  Other systems    victoria-metrics, vmagent and vmalert (in vmutils) from'
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
for package in $*; do
  case "\$*" in *"\$package"*) exit 101 ;; esac
done
exit 0
POLICY
}

list_units() {
  systemctl list-unit-files --type=service --no-legend --no-pager 2>/dev/null | while read -r unit _; do say "$unit"; done
}

# disable_new_services UNITS_BEFORE PACKAGE...: the installation enables the services of the packages, so they would
# start with the machine. Disables only services that did not exist before: the others are the user's.
disable_new_services() {
  units_before=$1
  shift
  command -v systemctl >/dev/null 2>&1 || return 0
  units_after=$(list_units)
  for package; do
    unit="$package.service"
    ! has_line "$units_before" "$unit" && has_line "$units_after" "$unit" || continue
    say "  disabling the new service $unit: $command runs this program itself"
    $root systemctl disable --now "$unit" >/dev/null 2>&1 || :
  done
}

# has_line TEXT LINE
has_line() {
  printf '%s\n' "$1" | grep -qxF -- "$2"
}

apt_get='env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120'

apt() {
  $root $apt_get "$@"
}

install_programs() {
  find_missing
  [ -n "$missing_packages" ] || return 0
  set -- $missing_packages
  say "asdlc needs these programs, and they are not on PATH:$missing_programs"
  may_use_apt || fail "$why_not" "$(advise "$@")"
  say 'apt can install them. The commands:'
  say "  ${root:+$root }$apt_get update"
  say "  ${root:+$root }$apt_get install --no-install-recommends $*"
  may_install 'Run these commands now?' || fail 'Nothing was installed.' "$(advise "$@")"
  say "installing $* with apt …"
  units_before=$(list_units)
  keep_services_off "$@"
  quietly_with_retry apt update || say '  apt-get update failed. Trying with the package lists of this machine …'
  if ! quietly_with_retry apt install --no-install-recommends "$@"; then
    show_log
    fail "apt-get could not install $*. Its output is above." "$(advise "$@")"
  fi
  disable_new_services "$units_before" "$@"
  find_missing
  [ -z "$missing_programs" ] || fail "apt-get installed $*, but these programs are not on PATH:$missing_programs"
}
