#!/bin/sh
# The jailer of the tests without Landlock and seccomp.
exec "$(dirname "$0")/../../packages/jailer/build/bullpen-jailer-sabotage" "$@" --leave-out landlock --leave-out seccomp
