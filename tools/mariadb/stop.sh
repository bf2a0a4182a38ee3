#!/usr/bin/env bash
# stop.sh DIR: ends the server that start.sh started on DIR, and waits for its end.
set -euo pipefail

file=${1:?usage: stop.sh DIR}/pid
[ -e "$file" ] || { echo "MariaDB is not running on $1"; exit 0; }
pid=$(cat "$file")
if ! ps -p "$pid" -o args= | grep -q mariadbd; then # the number may be another program's by now
  rm -f "$file"
  echo "MariaDB is not running on $1"
  exit 0
fi
kill "$pid"
for _ in $(seq 300); do
  if ! kill -0 "$pid" 2>/dev/null; then
    rm -f "$file"
    echo "MariaDB is stopped"
    exit 0
  fi
  sleep 0.1
done
kill -9 "$pid"
echo "MariaDB did not end within 30 s and was killed"
