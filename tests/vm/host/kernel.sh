# shellcheck shell=bash disable=SC2154 # the variables of run-in-vm.sh
# The suite's kernel for clouds, the smallest of its kernels, and an initramfs with the few modules that it needs to find its disks.

make_kernel() {
  local work=$1 package image
  package=$(apt_of_suite apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: \(linux-image-[0-9].*-cloud-amd64\)$/\1/p' | head -n 1)
  [[ $package ]] || fail "$suite has no package linux-image-cloud-amd64."
  # The image alone: what it depends on would only make an initramfs.
  (cd "$work" && apt_of_suite apt-get -qq download "$package" busybox-static) >"$work/log" 2>&1 || fail "apt cannot get $package: $(tail -n 5 "$work/log")"
  unpack "$work" "$work/tree"
  image=$(find "$work/tree/boot" -name 'vmlinuz-*')
  uncompress_kernel "$image" "$work/vmlinux" || cp "$image" "$work/vmlinux"
  cp "$work/tree/usr/bin/busybox" "$work/busybox"
  make_initramfs "$work"
  rm -r "$work/tree" "$work"/*.deb
}

# number_at FILE OFFSET BYTES: an unsigned little-endian number.
number_at() { od -An -v -j "$2" -N "$3" -t "u$3" "$1" | tr -d ' '; }

# An image unpacks itself, which takes an emulated processor seconds at each boot. Offsets are those of the x86 boot protocol:
# setup_sects, payload_offset and payload_length. The payload's last four bytes are its size.
uncompress_kernel() {
  local image=$1 kernel=$2 begin length program
  begin=$((($(number_at "$image" 497 1) + 1) * 512 + $(number_at "$image" 584 4)))
  length=$(($(number_at "$image" 588 4) - 4))
  case $(number_at "$image" "$begin" 4) in
    4247762216) program=zstd ;;
    407642370) program=lz4 ;;
    1484404733) program=xz ;;
    *) return 1 ;;
  esac
  command -v "$program" >/dev/null || return 1
  tail -c +$((begin + 1)) "$image" | head -c "$length" | "$program" -dc >"$kernel" || return 1
  [[ $(head -c 4 "$kernel") == $'\x7fELF' ]]
}

make_initramfs() {
  local work=$1 module
  local -a order=()
  mkdir -p "$work/initramfs/modules"
  for module in virtio_pci virtio_blk virtio_console ext4; do add_module "$module"; done
  printf '%s\n' "${order[@]}" >"$work/initramfs/modules/order"
  cp "$work/busybox" "$work/initramfs/busybox"
  cp "$vm_folder/guest/init" "$work/initramfs/init"
  chmod 755 "$work/initramfs/init"
  (cd "$work/initramfs" && find . | ./busybox cpio -o -H newc) >"$work/initramfs.cpio" 2>/dev/null
  rm -r "$work/initramfs"
}

# Adds a module behind those that it needs, unless it is there already or built into the kernel.
add_module() {
  local name=${1//-/_} file needed
  [[ ! -e $work/initramfs/modules/$name.ko ]] || return 0
  file=$(find "$work/tree/usr/lib/modules" "$work/tree/lib/modules/" -name "${name//_/[-_]}.ko*" 2>/dev/null | head -n 1)
  case $file in
    *.xz) xz -dc "$file" >"$work/initramfs/modules/$name.ko" ;;
    *.ko) cp "$file" "$work/initramfs/modules/$name.ko" ;;
    *) return 0 ;;
  esac
  # The module's own list of words, each ended by a NUL.
  for needed in $(tr '\0' '\n' <"$work/initramfs/modules/$name.ko" | sed -n 's/^depends=//p' | tr ',' ' '); do add_module "$needed"; done
  order+=("$name.ko")
}
