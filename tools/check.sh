#!/bin/sh
# Everything that needs neither privileges nor a server, in under a minute: format, lint, shell, types, structure, generated files.
# The last line counts: `check: N passed, N failed`. Started by `./bullpen test` and `pnpm check`, which put Node 24 first in PATH.
set -u
cd "$(dirname "$0")/.." || exit 1
PATH="$PWD/node_modules/.bin:$PATH"
export PATH
passed=0
failed=0

# check WHAT COMMAND...: silent when all is well.
check() {
  what=$1
  shift
  if output=$("$@" 2>&1); then
    passed=$((passed + 1))
    echo "ok      $what"
  else
    failed=$((failed + 1))
    echo "FAILED  $what: $*"
    # Indented, so that nobody takes a counting line in it for ours.
    printf '%s\n' "$output" | sed 's/^/    /'
  fi
}

check "format" biome format .
if command -v shellcheck >/dev/null; then check "shell scripts" shellcheck bullpen tools/*.sh .ci/run tests/vm/*.sh tests/vm/*/*; fi
check "types of the packages" tsc -b
# Behind the build: where no tsconfig covers a file (tests), the linter finds the packages' types in dist.
check "lint" oxlint --type-aware --deny-warnings packages tools tests bench examples
check "types of tests and tools" tsc -p tsconfig.tests.json
check "structure and generated files" vitest run --project unit tools packages/protocol/test

echo "check: $passed passed, $failed failed"
[ "$failed" = 0 ]
