#!/bin/sh
# Installs what the tests use of the system and this machine lacks: started by `./bullpen test`. Only root on Debian and its kin can;
# elsewhere it says in one line what is missing, and the tests that need it say so too.
set -eu
packages=

# need PROGRAM PACKAGE: notes the package unless the program is there. Administrators' programs are not in everybody's PATH.
need() {
  PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null || packages="$packages $2"
}

# need_module MODULE PACKAGE: the same for a module of the distribution's Python, whatever other Python leads the PATH.
need_module() {
  [ -e "/usr/lib/python3/dist-packages/$1" ] || packages="$packages $2"
}

need apparmor_parser apparmor
need redis-server redis-server
need bwrap bubblewrap
need sqlite3 sqlite3
need_module numpy python3-numpy
need_module scipy python3-scipy
need_module networkx python3-networkx
need_module matplotlib python3-matplotlib
# By these paths, which are what profiles name: other ones of the same names may lie in front of them.
[ -x /usr/bin/pytest-3 ] || packages="$packages python3-pytest"
[ -x /usr/bin/pip3 ] || packages="$packages python3-pip"
[ -x /usr/bin/rustc ] || packages="$packages rustc"
[ -n "$packages" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "bullpen: some tests need packages that this machine lacks: install$packages" >&2
  exit 0
fi

echo "bullpen: installing for the tests:$packages" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq >&2
# No service is to be started: the tests start their own servers. (Debian asks policy-rc.d before it starts one.)
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi
# shellcheck disable=SC2086 # a list of words
apt-get install -y -qq --no-install-recommends $packages >&2
