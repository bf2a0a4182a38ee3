#!/usr/bin/env bash
# The first run: syncs the source tree of Go, which every machine with Go has, to
# the embedded node, and searches it. The data stays in .cache/run, so a second
# run finds nothing to send.
set -euo pipefail
cd "$(dirname "$0")/.."

tree=$(go env GOROOT)/src
index=go-source
data=${RUN_DATA:-.cache/run}
words="goroutine scheduler"

# Without a server and without an account, whatever the environment says.
for name in $(compgen -e | grep -E '^(ELASTICSEARCH|TRIBUTARY)_' || true); do
  unset "$name"
done
tributary() { bin/tributary --data "$data" --config config.yml "$@"; }

echo "Files of $tree"
tributary sync directory "directory=$tree" --index $index || [ $? = 3 ] # 3: some files could not be read
echo
echo "Search: $words"
tributary search $index "$words" --limit 3
cat <<NEXT

What to try next
  make run                                      again: nothing changed, nothing is sent
  bin/tributary sync directory directory=\$HOME  your own files, in an index of their own
  bin/tributary search INDEX WORDS              INDEX as the sync printed it
  make elasticsearch                            a genuine Elasticsearch on this machine; then
  export ELASTICSEARCH_URL=http://127.0.0.1:9200    the same commands write to it
  make new-source NAME=weather                  a source of your own
NEXT
