#!/usr/bin/env bash
# stop.sh DIR: ends the server that start.sh started on DIR, and waits for its end.
set -euo pipefail

file=${1:?usage: stop.sh DIR}/pid
[ -e "$file" ] || { echo "the MongoDB test server is not running on $1"; exit 0; }
pid=$(cat "$file")
rm -f "$file"
if ! ps -p "$pid" -o args= | grep -q secantusd; then # the number may be another program's by now
  echo "the MongoDB test server is not running on $1"
  exit 0
fi
kill "${SIGNAL:--TERM}" "$pid"
for _ in $(seq 200); do
  kill -0 "$pid" 2>/dev/null || { echo "the MongoDB test server is stopped"; exit 0; }
  sleep 0.05
done
kill -9 "$pid"
echo "the MongoDB test server did not end within 10 s and was killed"
