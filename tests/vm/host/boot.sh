# shellcheck shell=bash disable=SC2154 # the variables of run-in-vm.sh
# One run of the machine.

run_machine() {
  run=$(mktemp -d "$cache/run.XXXXXX")
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  make_ready
  copy_checkout "$run/checkout"
  pack_command "$run/initramfs" "$@"
  say_if_verbose "copied the checkout"
  start_emulator
  follow "$run/stdout" &
  local stdout=$!
  follow "$run/stderr" >&2 &
  local stderr=$!
  local ended=0
  wait "$emulator_pid" || ended=$?
  wait "$stdout" "$stderr"
  emulator_pid=''
  say_if_verbose "the machine ended"
  hand_back "$ended"
}

clean_up() {
  trap - EXIT ERR INT TERM
  set +e
  if [[ ${emulator_pid:-} ]]; then kill "$emulator_pid" 2>/dev/null && wait "$emulator_pid"; fi
  rm -rf "$run"
}

# The copy must find itself prepared: nothing can be built or fetched in the machine.
make_ready() {
  "$checkout/bullpen" --version >/dev/null || fail "the checkout is not prepared: ./bullpen --version failed."
  # Only to have it compiled: the tests of AppArmor start it a dozen times.
  "$checkout/bullpen" apparmor status >/dev/null 2>&1 || true
  make --silent -C "$checkout/tests/probes" || fail "the probes of the tests cannot be built."
}

# Other parts of the tests run beside this one: a file that changes or goes meanwhile (tar's status 1) is none that is needed here.
copy_checkout() {
  mkdir "$run/tree" "$run/tree/node_modules"
  { tar -C "$checkout" --exclude ./.git --exclude ./node_modules --exclude './.tools/*' --exclude './tests/results/*' -c . || (($? == 1)); } |
    tar -C "$run/tree" -xp
  cp -a "$checkout/.tools/bootstrap-stamp" "$run/tree/.tools/"
  take_compiled "$run/tree/.tools"
  make_image "$run/tree" "$1" 512
  rm -r "$run/tree"
}

# compile_ahead NODE: loads what the suites load, so that Node and Vitest keep it compiled.
compile_ahead() {
  "$1" --conditions=@bullpen/source --input-type=module -e 'for (const file of process.argv.slice(1)) await import(file)' \
    "$checkout"/packages/{worker/src/start-worker,client/src/index,cli/src/run-command-line}.ts "$checkout/tests/support/servers.ts" &&
    (cd "$checkout" && "$1" node_modules/vitest/vitest.mjs list --filesOnly --project system >/dev/null)
}

# take_compiled FOLDER: what Node compiled here and in the machine before, of each file the newer, and what Vitest made of the tests. Emulated, it
# would take a minute more until a fleet has started. What the machine's processor has in common with this one decides whether it is of use
# there; if not, Node compiles again. Tests that run beside this write there, too: what goes while it is copied is compiled again.
take_compiled() {
  local node=$checkout/node_modules/.bin/node from
  local -x NODE_COMPILE_CACHE=$1/compile-cache
  mkdir -p "$1/compile-cache" "$1/vitest-cache"
  for from in "$checkout/.tools/compile-cache" "$cache/compile-cache"; do
    [[ ! -d $from ]] || cp -a --update "$from/." "$1/compile-cache/" 2>/dev/null || true
  done
  if ! compile_ahead "$node"; then
    say "the sources could not be compiled beforehand: the machine will do that, and be slower."
  fi
  [[ ! -d $checkout/node_modules/.vitest-cache ]] || cp -a "$checkout/node_modules/.vitest-cache/." "$1/vitest-cache/" 2>/dev/null || true
}

# The command and the guest's scripts travel behind the cached initramfs: the kernel unpacks one after the other.
pack_command() {
  local file=$1
  shift
  mkdir -p "$run/pack/vm"
  cp "$vm_folder/guest/start.sh" "$run/pack/vm/start.sh"
  printf '%s\n' "$checkout" >"$run/pack/vm/checkout"
  printf 'exec' >"$run/pack/vm/command" && printf ' %q' "$@" >>"$run/pack/vm/command"
  { cat "$kernel/initramfs.cpio" && cd "$run/pack" && find vm | "$kernel/busybox" cpio -o -H newc 2>/dev/null; } >"$file"
}

# Software emulation on purpose: where /dev/kvm is itself emulated, a stock kernel does not get past its first instructions.
start_emulator() {
  local library=$emulator/tree/usr/lib/x86_64-linux-gnu share=$emulator/tree/usr/share port
  # shellcheck disable=SC2054 # the commas are the emulator's
  local -a options=(
    -nodefaults -no-user-config -no-reboot -display none -nic none -L "$share/seabios" -L "$share/qemu"
    -machine q35,sata=off,smbus=off,usb=off -accel tcg,tb-size=512 -cpu max -smp "$processors" -m "$memory"
    -kernel "$kernel/vmlinux" -initrd "$run/initramfs"
    # Quicker to boot; none of it concerns what jails are made of.
    -append "console=ttyS0 quiet panic=-1 reboot=t mitigations=off cryptomgr.notests no_timer_check nowatchdog log_buf_len=4M random.trust_cpu=on $kernel_options"
    -serial "file:$run/console"
    # In this order they are vda, vdb and vdc. What the machine writes to the first two goes to temporary files.
    -drive "file=$root/image,if=virtio,format=raw,cache=unsafe,snapshot=on"
    -drive "file=$run/checkout,if=virtio,format=raw,cache=unsafe"
    -drive "file=$dependencies/image,if=virtio,format=raw,cache=unsafe,snapshot=on"
    -device virtio-serial-pci
  )
  for port in stdout stderr status files compiled; do
    : >"$run/$port"
    options+=(-chardev "file,id=$port,path=$run/$port" -device "virtserialport,chardev=$port,name=$port")
  done
  TMPDIR=$run timeout --kill-after=5 "$time_limit" "$library/ld-linux-x86-64.so.2" --library-path "$library" \
    "$emulator/tree/usr/bin/qemu-system-x86_64" "${options[@]}" </dev/null >"$run/emulator.log" 2>&1 &
  emulator_pid=$!
}

# Prints a file while the emulator writes it, to its end.
follow() { tail --quiet --bytes=+1 --follow --sleep-interval=0.2 --pid="$emulator_pid" "$1" 2>/dev/null; }

# The machine sends its compile cache when it grew. Of two runs at the same time, the last to end wins.
keep_compiled() {
  if [[ -s $run/compiled ]] && mkdir "$run/compile-cache" && tar -C "$run/compile-cache" -xf "$run/compiled"; then
    if [[ -d $cache/compile-cache ]]; then mv -T "$cache/compile-cache" "$run/compile-cache.old" || true; fi
    mv -T "$run/compile-cache" "$cache/compile-cache" || true
  fi
}

# hand_back ENDED: files and exit status, or why there are none. ENDED is how timeout(1) ended.
hand_back() {
  local status=''
  if ((verbose)); then sed 's/^/console: /' "$run/console" >&2; fi
  read -r status <"$run/status" || true
  if [[ $out && -s $run/files ]]; then mkdir -p "$out" && tar -C "$out" -xf "$run/files"; fi
  keep_compiled
  if [[ $status ]]; then exit "$status"; fi
  if (($1 == 124 || $1 == 137)); then
    say "the machine was ended after $time_limit seconds: give the command more with --time-limit, or find what it waits for."
    exit 124
  fi
  tail -n 25 "$run/console" "$run/emulator.log" >&2
  fail "the machine died before the command ended; above is the end of its console."
}
