#!/bin/sh
# Runs the suites of confinement: `./bullpen test --vm` starts it in the machine, where AppArmor's profiles must be loaded first.
set -eu
cd "$(dirname "$0")/../.."
apparmor_parser --replace --skip-cache deploy/apparmor/*.apparmor
status=0
node_modules/.bin/vitest run --project integration --project system packages/jailer tests/deny tests/allow tests/limits tests/isolation "$@" || status=1
# By themselves, since they load and unload the profiles.
node_modules/.bin/vitest run --project system tests/apparmor "$@" || status=1
exit "$status"
