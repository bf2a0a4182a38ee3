#!/usr/bin/env bash
# start.sh PORT DIR [SERVER FLAGS]: starts the test server of the MongoDB source on
# 127.0.0.1:PORT and returns when it answers. PORT 0 takes a free one. DIR holds
# its data, its log, and the files `pid` and `url`; started again on the same DIR
# it has its data again. stop.sh DIR ends it. It is a replica set of one node
# named "secantus"; --standalone makes it a single server, --auth demands users,
# which must have been made in a run without.
#
# MONGODB_CACHE  where install.sh has put the server
# MONGODB_OWNER  number of a process with whose end the server ends, and DIR goes
set -euo pipefail
cd "$(dirname "$0")"

port=${1:?usage: start.sh PORT DIR [SERVER FLAGS]}
mkdir -p "${2:?usage: start.sh PORT DIR [SERVER FLAGS]}"
dir=$(cd "$2" && pwd)
shift 2
server=$(./install.sh --path)

fail() { echo "mongodb: $*" >&2; exit 1; }

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

[ -x "$server" ] || fail "the test server is missing; install it: tools/mongodb/install.sh"

free_port() {
  local p
  for _ in $(seq 50); do
    p=$((20000 + RANDOM % 12000))
    answers "$p" || { echo "$p"; return; }
  done
  fail "no free port"
}

[ "$port" != 0 ] || port=$(free_port)
! answers "$port" || fail "port $port is in use"
setsid "$server" --host 127.0.0.1 --port "$port" --storage-path "$dir/data" --cache-size 256M "$@" >"$dir/log" 2>&1 </dev/null &
pid=$!
echo "$pid" >"$dir/pid"
if [ -n "${MONGODB_OWNER:-}" ]; then
  setsid bash -c 'while kill -0 "$1" 2>/dev/null && kill -0 "$2" 2>/dev/null; do sleep 0.5; done
    kill -0 "$1" 2>/dev/null || { kill "$2" 2>/dev/null; sleep 2; rm -rf "$3"; }' - "$MONGODB_OWNER" "$pid" "$dir" >/dev/null 2>&1 </dev/null &
fi
for _ in $(seq 300); do
  if answers "$port"; then
    set_name='?replicaSet=secantus'
    case " $* " in *" --standalone "*) set_name= ;; esac
    echo "mongodb://127.0.0.1:$port/$set_name" >"$dir/url"
    echo "MongoDB test server on 127.0.0.1:$port (pid $pid)"
    exit 0
  fi
  kill -0 "$pid" 2>/dev/null || break
  sleep 0.1
done
tail -20 "$dir/log" >&2
fail "it did not start; see $dir/log"
