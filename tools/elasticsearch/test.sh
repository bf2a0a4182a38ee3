#!/usr/bin/env bash
# test.sh [GO TEST FLAGS]: runs the integration suite on a genuine Elasticsearch,
# started for it on a free port and always stopped. The suite is every package
# whose tests use runtime/elastictest; without the server it fails. Of the
# faults (tools/faults) only those that are tried on a genuine server run.
set -euo pipefail
cd "$(dirname "$0")/../.."

faults=github.com/tributary-search/tributary/tools/faults
suite=github.com/tributary-search/tributary/runtime/elastictest
packages=$(go list -f "{{\$path := .ImportPath}}{{range .XTestImports}}{{if eq . \"$suite\"}}{{\$path}} {{end}}{{end}}" ./... | tr -d '\n')
packages=${packages/ $faults / }
[ -n "$packages" ] || { echo "no package's tests use $suite" >&2; exit 1; }

dir=$(mktemp -d "${TMPDIR:-/tmp}/elasticsearch.XXXXXX")
chmod 755 "$dir"
# Every test makes indices, and each waits for the disk: in memory, where there is room, that costs nothing.
room=$(df -k --output=avail /dev/shm 2>/dev/null | tail -n 1)
if [ "${room:-0}" -gt 4000000 ]; then
  ES_DATA=$(mktemp -d /dev/shm/elasticsearch.XXXXXX)
  export ES_DATA
fi
cleanup() {
  tools/elasticsearch/stop.sh "$dir" || true
  rm -rf "$dir" ${ES_DATA:+"$ES_DATA"}
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP

tools/elasticsearch/start.sh 0 "$dir"
export TRIBUTARY_TEST_ELASTICSEARCH TRIBUTARY_TEST_ELASTICSEARCH_DIR=$dir
TRIBUTARY_TEST_ELASTICSEARCH=$(cat "$dir/url")
# One package after the other: some make the connector indices anew, which there is one pair of.
# shellcheck disable=SC2086 # a list of words
go test -p 1 -count=1 -shuffle=on "$@" $packages
go test -count=1 -run 'TestFault/^F[0-9]+$/^elasticsearch$' "$@" "$faults"
