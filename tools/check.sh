#!/usr/bin/env bash
# What `make check` does: every step, one line each, and the findings of those
# that fail.
set -uo pipefail
cd "$(dirname "$0")/.."

lint=github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
failed=0

step() {
  local name=$1 findings
  shift
  if findings=$("$@" 2>&1); then
    printf '%-10s ok\n' "$name"
  else
    printf '%-10s FAILED\n%s\n' "$name" "$findings"
    failed=1
  fi
}

formatted() {
  local files
  files=$(find . -name '*.go' -not -path '*/testdata/*' -not -path './.*' -print0 | xargs -0 gofmt -l) || return 1
  [ -z "$files" ] || { printf 'run gofmt -w:\n%s\n' "$files"; return 1; }
}

# mutated: every patch that breaks something on purpose still applies.
mutated() {
  local patch stale=0
  for patch in tools/mutate/*/*.patch sources/*/fixture/mutations/*.patch; do
    git apply --check "$patch" || { echo "$patch does not apply any more: make it anew for the code as it is"; stale=1; }
  done
  return $stale
}

step format formatted
step vet go vet ./...
step lint go run "$lint" run
step generated go run ./gen check
step compat make compat
step docs go run ./tools/docs -check
step archtest go run ./tools/archtest
step licences go run ./tools/licences -check
step mutations mutated
step fence go run ./tools/fence --each ${FENCE_BASE:+--base "$FENCE_BASE"}
exit $failed
