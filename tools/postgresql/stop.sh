#!/usr/bin/env bash
# stop.sh DIR: ends the server that start.sh started on DIR, and waits for its end.
set -euo pipefail

file=${1:?usage: stop.sh DIR}/data/postmaster.pid
[ -e "$file" ] || { echo "PostgreSQL is not running on $1"; exit 0; }
pid=$(head -1 "$file")
if ! ps -p "$pid" -o args= | grep -q postgres; then # the number may be another program's by now
  rm -f "$file"
  echo "PostgreSQL is not running on $1"
  exit 0
fi
kill -INT "$pid"
for _ in $(seq 300); do
  if ! kill -0 "$pid" 2>/dev/null; then
    echo "PostgreSQL is stopped"
    exit 0
  fi
  sleep 0.1
done
kill -QUIT "$pid"
echo "PostgreSQL did not end within 30 s and was killed"
