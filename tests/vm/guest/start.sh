#!/bin/bash
# Process 1 of the machine. Sets up what a system manager would, runs the command, hands its output, files and status to the host, and ends.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin HOME=/root LANG=C.UTF-8 TERM=dumb

set_up_mounts() {
  mount --make-rshared /
  mount -t tmpfs -o mode=1777,nosuid,nodev tmp /tmp
  mkdir -p /dev/pts /dev/shm /dev/mqueue
  mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
  mount -t tmpfs -o mode=1777,nosuid,nodev shm /dev/shm
  mount -t mqueue mqueue /dev/mqueue
  mount -t securityfs securityfs /sys/kernel/security
  mount -t cgroup2 -o nsdelegate,nosuid,nodev,noexec cgroup2 /sys/fs/cgroup
  ln -s /proc/self/fd /dev/fd
  ln -s fd/0 /dev/stdin && ln -s fd/1 /dev/stdout && ln -s fd/2 /dev/stderr
}

# The command stays in the root's cgroup; /sys/fs/cgroup/bullpen is one that was handed down, as a host would to a worker.
hand_down_cgroup() {
  echo '+cpu +memory +pids' >/sys/fs/cgroup/cgroup.subtree_control
  mkdir /sys/fs/cgroup/bullpen
  echo '+cpu +memory +pids' >/sys/fs/cgroup/bullpen/cgroup.subtree_control
}

set_up_system() {
  ip link set lo up
  hostname vm
  ulimit -c 0
  # Else most of the lines that tell what AppArmor denied are left out of the log.
  echo 0 >/proc/sys/kernel/printk_ratelimit
}

# At the path that it has on the host, so that messages name files that are there.
mount_checkout() {
  checkout=$(</run/vm/checkout)
  mkdir -p "$checkout"
  mount -t ext4 -o noatime /dev/vdb "$checkout"
  mount -t ext4 -o noatime /dev/vdc "$checkout/node_modules"
  # The dependencies' file system is older than what Vitest made of the sources.
  mkdir -p "$checkout/.tools/vitest-cache" "$checkout/node_modules/.vitest-cache"
  mount --bind "$checkout/.tools/vitest-cache" "$checkout/node_modules/.vitest-cache"
}

# port NAME: the device through which the host reads what is written.
port() {
  local folder
  for folder in /sys/class/virtio-ports/*; do
    [[ $(<"$folder/name") == "$1" ]] && echo "/dev/${folder##*/}"
  done
}

set_up_mounts
hand_down_cgroup
set_up_system
mount_checkout
export VM_OUT=/run/vm/out PATH="$checkout/node_modules/.bin:$PATH" BULLPEN_IN_VM=1
mkdir -m 1777 "$VM_OUT"
export NODE_COMPILE_CACHE="$checkout/.tools/compile-cache"
# As slow as it is, tests wait longer; what they promise stays as it is.
export BULLPEN_TEST_PATIENCE=10
mkdir -p "$NODE_COMPILE_CACHE"
touch /run/vm/began
cd "$checkout" || exit

# Through pipes without a name: AppArmor would ask a confined program's profile about a device or a named pipe.
exec {out}> >(exec cat >"$(port stdout)")
out_relay=$!
exec {err}> >(exec cat >"$(port stderr)")
err_relay=$!
bash /run/vm/command </dev/null >&"$out" 2>&"$err" {out}>&- {err}>&-
status=$?
exec {out}>&- {err}>&-
# What the command left running may hold its output open: two seconds, then it is cut off.
for ((i = 0; i < 20; i++)); do
  kill -0 "$out_relay" 2>/dev/null || kill -0 "$err_relay" 2>/dev/null || break
  sleep 0.1
done
dmesg >"$VM_OUT/kernel.log"
tar -C "$VM_OUT" -cf "$(port files)" .
if [[ $(find "$NODE_COMPILE_CACHE" -type f -newer /run/vm/began -print -quit) ]]; then tar -C "$NODE_COMPILE_CACHE" -cf "$(port compiled)" .; fi
echo "$status" >"$(port status)"
exec /run/vm/busybox reboot -f
