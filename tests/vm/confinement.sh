#!/bin/sh
# Runs the suites of confinement: `./bullpen test --vm` starts it in the machine, where AppArmor's profiles must be loaded first.
# Arguments are vitest's and take the place of all suites, for instance: tests/limits -t 'fork bomb'.
set -eu
cd "$(dirname "$0")/../.."
apparmor_parser --replace --skip-cache deploy/apparmor/*.apparmor
vitest=node_modules/.bin/vitest
if [ $# -gt 0 ]; then exec "$vitest" run --project integration --project system "$@"; fi
status=0
"$vitest" run --project integration --project system packages/jailer tests/deny tests/allow tests/limits tests/isolation || status=1
# By themselves, since they load and unload the profiles.
"$vitest" run --project system tests/apparmor || status=1
exit "$status"
