# shellcheck shell=bash disable=SC2154 # the variables of run-in-vm.sh
# What every run uses and none changes. Each part is a folder of the cache named for all that it was made from; when that changes it is
# made anew and the old one removed.

# Of the suite: what the jails' profiles show (bash, python, gcc, make), what the tests start, and a parser for AppArmor's profiles.
guest_packages=(apparmor base-files base-passwd bash coreutils dash debianutils diffutils findutils g++ gawk gcc grep gzip hostname iproute2 libatomic1
  libc-bin libc6-dev login make mount ncurses-base passwd procps python3-minimal redis-server redis-tools sed tar util-linux)
# Programs that only check sources, a hundred megabytes of them.
host_only_dependencies=('@biomejs+cli-*' '@oxlint*' '@typescript+typescript-*')

make_parts() {
  local part failed=0 is_fresh=0
  local -A keys jobs=()
  keys=(
    [emulator]=$(checksum_of host/packages.sh)
    [kernel]=$(checksum_of host/packages.sh host/kernel.sh guest/init)
    [root]=$(checksum_of host/packages.sh host/parts.sh)
    [dependencies]=$(checksum_of host/parts.sh ../../pnpm-lock.yaml ../../pnpm-workspace.yaml)
  )
  # Two runs at the same time: the second waits, and finds the parts made.
  exec {lock}>"$cache/lock"
  flock "$lock"
  for part in "${!keys[@]}"; do
    declare -g "$part=$cache/$part-${keys[$part]}"
    [[ ! -d ${!part} ]] || continue
    if [[ $part != dependencies ]] && ((!is_fresh)); then
      say "preparing the machine in ${cache#"$checkout/"} (once, under a minute)"
      refresh_lists
      is_fresh=1
    fi
    make_part "$part" "${!part}" &
    jobs[$part]=$!
  done
  for part in "${!jobs[@]}"; do wait "${jobs[$part]}" || failed=1; done
  ((!failed)) || exit 125
  exec {lock}>&-
}

# checksum_of FILE...: of their text, named from this folder.
checksum_of() { (cd "$vm_folder" && cat "$@") | sha256sum | head -c 12; }

make_part() {
  local part=$1 folder=$2 work=$2.new
  rm -rf "$work" && mkdir "$work"
  "make_$part" "$work"
  rm -rf "$cache/$part-"????????????
  mv "$work" "$folder"
  say_if_verbose "made the $part"
}

# With its own loader and libraries, so that it runs on hosts of any suite.
make_emulator() {
  local work=$1
  local -a from=()
  if [[ $suite == bookworm ]]; then from=(-t bookworm-backports); fi
  download "$work/packages" "${from[@]}" qemu-system-x86
  unpack "$work/packages" "$work/tree"
  rm -r "$work/packages"
}

make_root() {
  local work=$1 tree=$1/tree python
  download "$work/packages" "${guest_packages[@]}"
  unpack "$work/packages" "$tree"
  # What the packages' scripts would have done, as far as it matters here.
  cp "$tree/usr/share/base-passwd/passwd.master" "$tree/etc/passwd"
  cp "$tree/usr/share/base-passwd/group.master" "$tree/etc/group"
  [[ -e $tree/usr/bin/sh ]] || ln -s dash "$tree/usr/bin/sh"
  [[ -e $tree/usr/bin/awk ]] || ln -s gawk "$tree/usr/bin/awk"
  ln -sf gcc "$tree/usr/bin/cc"
  printf '127.0.0.1 localhost\n::1 localhost\n' >"$tree/etc/hosts"
  mkdir -p "$tree"/{proc,sys,dev,run,tmp,root,etc/apparmor.d/local,var/cache/apparmor}
  ldconfig -r "$tree"
  # A jail cannot keep what its Python compiles, and would compile its library at each start.
  for python in "$tree"/usr/lib/python3.*; do
    chroot "$tree" "/usr/bin/${python##*/}" -m compileall -q "/usr/lib/${python##*/}" >/dev/null
  done
  make_image "$tree" "$work/image" 512
  rm -r "$work/packages" "$tree"
}

make_dependencies() {
  local work=$1 pattern
  local -a excludes=()
  [[ -d $checkout/node_modules ]] || fail "$checkout/node_modules is missing: run ./bullpen --version once."
  for pattern in "${host_only_dependencies[@]}"; do excludes+=(--exclude "./.pnpm/$pattern"); done
  mkdir "$work/tree"
  tar -C "$checkout/node_modules" "${excludes[@]}" -c . | tar -C "$work/tree" -xp
  make_image "$work/tree" "$work/image" 256
  rm -r "$work/tree"
}

# make_image FOLDER FILE MIB: an ext4 file system of FOLDER's files with so much room besides. Its file is sparse.
make_image() {
  local used
  used=$(du -sm --apparent-size "$1" | cut -f 1)
  mke2fs -q -t ext4 -O '^has_journal,^resize_inode' -m 0 -N $(($(find "$1" -printf . | wc -c) + 20000)) \
    -E lazy_itable_init=1,nodiscard -d "$1" "$2" $((used * 5 / 4 + $3))M >/dev/null
}
