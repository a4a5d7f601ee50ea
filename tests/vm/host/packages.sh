# shellcheck shell=bash disable=SC2154 # the variables of run-in-vm.sh
# Packages of the suite, got by an apt with lists and settings of its own: the host's stay as they are, and nothing is installed on it.

apt_of_suite() {
  local program=$1 own=$cache/apt
  shift
  "$program" -o Dir::Etc="$own" -o Dir::State="$own/state" -o Dir::State::status="$own/status" -o Dir::Cache="$own/cache" \
    -o APT::Architecture=amd64 -o APT::Sandbox::User=root -o Acquire::Languages=none -o Acquire::Retries=3 -o Debug::NoLocking=true "$@"
}

# archive_of RELEASE: where this host's apt gets it from.
archive_of() {
  # shellcheck disable=SC2016 # words of apt, not of the shell
  apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' | awk -v release="$1" '$1 == release { print $2; exit }'
}

# The archives are those that the host uses for its own suite, so that a mirror or proxy that it needs is used here too.
refresh_lists() {
  local own=$cache/apt host main security keys=/usr/share/keyrings/debian-archive-keyring.gpg
  host=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  main=$(archive_of "$host") security=$(archive_of "$host-security")
  [[ -r $keys ]] || fail "$keys is missing: install debian-archive-keyring, which proves that packages are Debian's."
  [[ $main && $security ]] || fail "this host's apt names no Debian archive of '$host' and '$host-security': the machine is made from Debian's packages."
  mkdir -p "$own"/{apt.conf.d,preferences.d,sources.list.d,state/lists/partial,cache/archives/partial}
  : >"$own/status"
  printf "deb [signed-by=$keys] %s %s main\n" "$main" "$suite" "$security" "$suite-security" >"$own/sources.list"
  # bookworm's own emulator starts programs five times slower than the backported one.
  if [[ $suite == bookworm ]]; then echo "deb [signed-by=$keys] $main bookworm-backports main" >>"$own/sources.list"; fi
  apt_of_suite apt-get -qq update >"$cache/apt.log" 2>&1 || fail "apt cannot read the lists of $suite: $(tail -n 5 "$cache/apt.log")"
}

# download FOLDER [-t RELEASE] PACKAGE...: these packages and all that they need.
download() {
  local folder=$1
  shift
  mkdir -p "$folder/partial"
  apt_of_suite apt-get -qq -y --no-install-recommends --download-only -o Dir::Cache::archives="$folder" install "$@" >"$folder/log" 2>&1 ||
    fail "apt cannot get the packages '$*' of $suite: $(tail -n 5 "$folder/log")"
}

# unpack FOLDER TREE: every package of FOLDER, without what only people read. No script of a package runs.
unpack() {
  local folder
  for folder in bin sbin lib lib64; do
    mkdir -p "$2/usr/$folder"
    [[ -L $2/$folder ]] || ln -s "usr/$folder" "$2/$folder"
  done
  # shellcheck disable=SC2016 # of the inner shell
  find "$1" -maxdepth 1 -name '*.deb' -print0 | xargs -0 -P 2 -n 1 bash -o pipefail -c 'dpkg-deb --fsys-tarfile "$1" | tar -C "$0" -xp \
    --keep-directory-symlink --exclude="./usr/share/doc/*" --exclude="./usr/share/man/*" --exclude="./usr/share/locale/*" --exclude="./usr/share/icons/*"' "$2"
}
