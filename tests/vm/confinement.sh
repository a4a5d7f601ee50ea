#!/bin/bash
# Runs the suites of confinement under AppArmor: `./bullpen test --vm` starts it in the machine, and hosts with AppArmor run it directly.
#
#   tests/vm/confinement.sh [LEG...]             these legs, or all
#   tests/vm/confinement.sh -- VITEST-WORD...    what vitest is told, with the profiles loaded: tests/limits -t 'fork bomb'
#
# Each leg leaves a JSON report of vitest in $VM_OUT (tests/results without it), which tools/write-confinement-table.ts reads.
# shellcheck disable=SC2317 # the legs are functions that are called by their names
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
results=${VM_OUT:-tests/results}
PATH="$PWD/node_modules/.bin:$PATH"
# By file where not all of a folder's can be asked: killed.test.ts ends its fleet in each test, left-behind.test.ts makes trees and files by the
# hundred thousand, which take an emulated machine too long. (A project's own `exclude` would hide one of the command line.)
suites=(tests/deny tests/allow tests/limits tests/isolation/isolation.test.ts)
legs=(namespaces classic alone apparmor)
failed=0

# run_vitest NAME WORD...: all files in one process, since each start of one takes an emulated machine many seconds.
run_vitest() {
  local name=$1
  shift
  node node_modules/vitest/vitest.mjs run --no-isolate --reporter=verbose --reporter=./tools/plain-reporter.ts \
    --reporter=json --outputFile.json="$results/$name.json" "$@" || failed=1
}

# with_fleet RUNG SETTING... -- NAME WORD...: all files join one fleet, whose worker has these settings.
with_fleet() {
  local settings=(BULLPEN_TEST_RUNG="$1") fleet began=$SECONDS
  shift
  while [ "$1" != -- ]; do settings+=("$1") && shift; done
  shift
  coproc HOLDER { exec env "${settings[0]}" node --conditions=@bullpen/source tests/vm/hold-fleet.ts BULLPEN_PROBE_INTERVAL_MS=86400000 "${settings[@]:1}"; }
  local pid=$HOLDER_PID
  if IFS= read -r fleet <&"${HOLDER[0]}"; then
    echo "The fleet for $1 took $((SECONDS - began)) s to start."
    BULLPEN_TEST_FLEET=$fleet run_vitest "$@"
  else
    echo "$1: 0 passed, 1 failed (its fleet did not start)"
    failed=1
  fi
  eval "exec ${HOLDER[1]}>&-"
  wait "$pid" || failed=1
}

run_namespaces() {
  with_fleet namespaces BULLPEN_APPARMOR=required -- vm-namespaces --project system tests/vm "${suites[@]}"
}

# Not all profiles can be confined there (node shows a folder that has no place of its own), so the floor says what those of the tests must have.
run_classic() {
  with_fleet classic BULLPEN_FLOOR=identity,rlimits,seccomp,landlock,apparmor,classic BULLPEN_ENABLED=true -- \
    vm-classic --project classic "${suites[@]}"
}

# Without Landlock and seccomp: what AppArmor stops by itself. Of unix sockets these kernels' AppArmor knows no more than the family, which
# programs need: addresses and kinds are left to seccomp and to namespaces. The list of mounts is among what runtimes read of their own process,
# and only other layers keep the host's out of it. The last one is about a profile that this leg has none of.
of_apparmor='^(?!.*(abstract address|Redis cannot|dgram sockets|mounts|pure-python))'
run_alone() {
  BULLPEN_TEST_LEAVE_OUT=landlock,seccomp run_vitest apparmor-alone --project classic tests/deny/files.test.ts \
    tests/deny/network.test.ts -t "$of_apparmor"
}

# By themselves, since they load and unload the profiles.
run_apparmor() { run_vitest vm-apparmor --project system tests/apparmor; }

mkdir -p "$results"
apparmor_parser --replace --skip-cache deploy/apparmor/*.apparmor
if [ "${1:-}" = -- ]; then
  shift
  run_vitest vm "$@"
else
  if [ $# -gt 0 ]; then legs=("$@"); fi
  for leg in "${legs[@]}"; do
    began=$SECONDS
    "run_$leg"
    echo "The leg $leg took $((SECONDS - began)) s."
  done
fi
exit "$failed"
