#!/usr/bin/env bash
# Runs one command of this checkout as root under a stock Debian kernel with AppArmor and cgroup v2, in a small emulated machine.
# docs/testing-in-a-vm.md tells how to use it. The parts, in the order of their use:
#   host/packages.sh  packages of another Debian suite, unpacked into a folder
#   host/kernel.sh    kernel and initramfs
#   host/parts.sh     what is made once and kept in .tools/vm: emulator, kernel, root file system, dependencies
#   host/boot.sh      one run: the checkout's copy, the emulator, what comes back
#   guest/*           what runs in the machine before and around the command
set -Eeuo pipefail
shopt -s inherit_errexit nullglob

vm_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
checkout=${vm_folder%/tests/vm}
# shellcheck source=host/packages.sh
. "$vm_folder/host/packages.sh"
# shellcheck source=host/kernel.sh
. "$vm_folder/host/kernel.sh"
# shellcheck source=host/parts.sh
. "$vm_folder/host/parts.sh"
# shellcheck source=host/boot.sh
. "$vm_folder/host/boot.sh"

usage() {
  cat <<'TEXT'
usage: tests/vm/run-in-vm.sh [option...] [--] COMMAND [ARGUMENT...]
       tests/vm/run-in-vm.sh [option...] --prepare

Runs COMMAND as root in a copy of this checkout, under a Debian kernel with AppArmor and cgroup v2. Prints what it prints and
exits with its status. The copy is thrown away; files that the command leaves in the folder $VM_OUT come back with --out.

  --suite NAME           Debian suite of kernel and programs: trixie (default) or bookworm; also BULLPEN_VM_SUITE
  --time-limit SECONDS   end the machine after this time (default 900)
  --out FOLDER           receives the files of $VM_OUT and the kernel's log
  --memory MIB           memory of the machine (default 2048)
  --processors N         processors of the machine (default 1)
  --kernel-options TEXT  appended to the kernel's command line, for instance apparmor=0
  --prepare              only make what every run uses
  --verbose              say what takes how long, and show the machine's console

Exit status: the command's; 124 when the time limit was reached; 125 when the machine could not be made or died.
TEXT
}

say() { printf 'vm: %s\n' "$*" >&2; }
say_if_verbose() { if ((verbose)); then say "$(printf '%3d s' $((SECONDS)))  $*"; fi; }
fail() {
  say "$*"
  exit 125
}
trap 'fail "line $LINENO of ${BASH_SOURCE[0]##*/} failed: $BASH_COMMAND"' ERR

suite=${BULLPEN_VM_SUITE:-trixie}
time_limit=900 out='' memory=2048 processors=1 kernel_options='' prepare=0 verbose=0
while (($#)); do
  case $1 in
    --prepare) prepare=1 ;;
    --verbose) verbose=1 ;;
    --help) usage && exit ;;
    --) shift && break ;;
    --suite | --time-limit | --out | --memory | --processors | --kernel-options)
      (($# > 1)) || fail "$1 needs a value: see --help."
      option=${1#--}
      printf -v "${option//-/_}" %s "$2"
      shift
      ;;
    -*) fail "$1 is no option: see --help." ;;
    *) break ;;
  esac
  shift
done

check_arguments() {
  local name
  for name in time_limit memory processors; do
    [[ ${!name} =~ ^[1-9][0-9]{0,5}$ ]] || fail "--${name/_/-} is '${!name}': it must be a whole number from 1 to 999999."
  done
  [[ $suite =~ ^[a-z]+$ ]] || fail "--suite is '$suite': it must be the name of a Debian suite, for instance trixie."
  ((prepare || $# > 0)) || fail "there is no command to run: see --help."
}

check_host() {
  local tool
  [[ $(uname -m) == x86_64 ]] || fail "this machine is $(uname -m): the machine for tests is made for x86_64 hosts only."
  ((EUID == 0)) || fail "only root can make the machine's root file system, whose files belong to root: try it with sudo."
  for tool in apt-get dpkg-deb flock mke2fs tar xz zstd; do
    command -v "$tool" >/dev/null || fail "$tool is missing: install it (on Debian: apt-get install apt dpkg util-linux e2fsprogs tar xz-utils zstd)."
  done
}

check_arguments "$@"
check_host
cache=$checkout/.tools/vm/$suite
mkdir -p "$cache"
make_parts
((prepare)) || run_machine "$@"
