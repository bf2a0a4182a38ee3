#!/usr/bin/env bash
# What `make test` does: every test, with the race detector when told -race.
# A source whose tests need a server has a file fixture/server, a command that
# succeeds where the server is installed; where it is not, the source's tests
# are left out, aloud. In CI that is an error.
set -euo pipefail
cd "$(dirname "$0")/.."
go=${GO:-go}

packages=$($go list ./...)
left_out=()
for file in sources/*/fixture/server; do
  [ -f "$file" ] || continue
  sh "$file" >/dev/null 2>&1 && continue
  source=${file%/fixture/server}
  left_out+=("$source (there is no server: $(tail -n 1 "$file"))")
  packages=$(grep -Ev "/$source(/|\$)" <<<"$packages")
done
if [ ${#left_out[@]} -gt 0 ]; then
  printf 'NOT TESTED: %s\n' "${left_out[@]}" >&2
  echo "            .ci/run installs the servers" >&2
  [ -z "${CI:-}" ] || exit 1
fi

mkdir -p .cache
# A source counts by what all tests of sources run of it, everything else by the
# tests beside it: a binary that counts all packages takes long to link. The
# sources wait for servers more than they compute, so they run beside the rest,
# and what they print comes after it. Backwards, since the longest are at the end.
packages=$(sort -r <<<"$packages")
# The race detector makes tests several times slower. It has nothing to find in the
# generator, where nothing runs beside anything else, and little more in 200
# simulated histories than in 20: those run without it.
plain=$(grep -E '/gen(/|$)|/tools/simulation$' <<<"$packages")

part() { # NAME FLAGS PACKAGES…
  local name=$1
  shift
  $go test -shuffle=on -timeout 10m -coverprofile=".cache/cover-$name.out" "$@"
}

part sources "$@" -coverpkg=./sources/... $(grep '/sources' <<<"$packages") >.cache/test-sources.txt 2>&1 &
trap 'kill $! 2>/dev/null || true' EXIT
status=0
TRIBUTARY_SEEDS=20 part rest "$@" $(grep -Ev '/sources|/gen(/|$)' <<<"$packages") || status=$?
part plain $plain || status=$?
wait $! || status=$?
cat .cache/test-sources.txt
{ cat .cache/cover-rest.out; tail -qn +2 .cache/cover-plain.out .cache/cover-sources.out; } >.cache/cover.out
[ $status = 0 ] || exit $status
$go run ./tools/cover .cache/cover.out
