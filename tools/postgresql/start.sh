#!/usr/bin/env bash
# start.sh PORT DIR: starts a PostgreSQL on 127.0.0.1:PORT and returns when it
# answers. PORT 0 takes a free one. DIR holds its data, its log, and the files
# `port` and `data/postmaster.pid`; its socket is there too. Started again on the
# same DIR it has its data again. stop.sh DIR ends it. The user is postgres,
# without password on this machine but for those who log in as somebody else.
#
# POSTGRES_OPTIONS     more options of the server, such as "-c wal_level=replica"
# POSTGRES_FOREGROUND  1: the script stays, and when its standard input ends, the
#                      server does, and DIR is removed; keep: DIR stays. A line
#                      "restart" ends the server as a crash would and starts it
#                      again; it is under way when DIR/restarted is there
# POSTGRES_CACHE       where an empty database is kept between runs
# POSTGRES_BIN         folder of the programs; else the newest that is found
set -euo pipefail

port=${1:?usage: start.sh PORT DIR}
mkdir -p "${2:?usage: start.sh PORT DIR}"
dir=$(cd "$2" && pwd)

fail() { echo "postgresql: $*" >&2; exit 1; }

find_bin() {
  local folder
  for folder in "${POSTGRES_BIN:-}" $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) "$(dirname "$(command -v postgres || echo /)")"; do
    [ -x "$folder/postgres" ] && [ -x "$folder/initdb" ] && { echo "$folder"; return; }
  done
  fail "the server is missing; install it (Debian: apt-get install postgresql)"
}

bin=$(find_bin)
version=$("$bin/postgres" --version | sed -n 's/.* \([0-9][0-9.]*\).*/\1/p')
if [ "$(id -u)" = 0 ]; then
  command -v setpriv >/dev/null || fail "setpriv is missing; install it (Debian: apt-get install util-linux)"
  cache=${POSTGRES_CACHE:-/var/cache/tributary-postgresql} # the server's own user must be able to read it
  user=65534
else
  cache=${POSTGRES_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/tributary-postgresql}
  user=$(id -u)
fi
template=$cache/$version-$user

# as_user is what runs a command as somebody: PostgreSQL refuses to run as root.
# It is no function: behind one, a signal would reach a shell.
as_user=()
[ "$(id -u)" != 0 ] || as_user=(setpriv --reuid=65534 --regid=65534 --clear-groups)

own() { [ "$(id -u)" != 0 ] || chown -R 65534:65534 "$@"; }

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

free_port() {
  local p
  for _ in $(seq 50); do
    p=$((20000 + RANDOM % 12000))
    answers "$p" || { echo "$p"; return; }
  done
  fail "no free port"
}

# make_template makes an empty database, once.
make_template() {
  local part
  mkdir -p "$cache"
  chmod a+rx "$cache"
  part=$(mktemp -d "$cache/part.XXXXXX")
  own "$part"
  (cd / && "${as_user[@]}" env HOME="$part" LC_ALL=C "$bin/initdb" --no-sync -U postgres -E UTF8 --locale=C.UTF-8 -A trust -D "$part/data") >"$part.log" 2>&1 ||
    { cat "$part.log" >&2; fail "initdb failed"; }
  printf '%s\n' 'local all all trust' 'host all postgres 127.0.0.1/32 trust' 'host all all 127.0.0.1/32 scram-sha-256' \
    'local replication all trust' 'host replication all 127.0.0.1/32 scram-sha-256' >"$part/data/pg_hba.conf"
  rm -f "$part.log"
  mv -T "$part/data" "$template" 2>/dev/null || true # somebody else was faster
  rm -rf "$part"
}

[ "$port" != 0 ] || port=$(free_port)
! answers "$port" || fail "port $port is in use"
if [ ! -f "$dir/data/PG_VERSION" ]; then
  [ -f "$template/PG_VERSION" ] || make_template
  rm -rf "$dir/data"
  cp -a "$template" "$dir/data"
fi
own "$dir"
"${as_user[@]}" test -w "$dir" || fail "the user of the server ($user) may not enter $dir; name a folder elsewhere"
echo "$port" >"$dir/port"
cd "$dir"

# shellcheck disable=SC2206 # a list of options
command=("$bin/postgres" -D "$dir/data" -p "$port" -k "$dir" -c listen_addresses=127.0.0.1 -c fsync=off -c wal_level=logical
  -c max_wal_senders=20 -c max_replication_slots=20 -c max_connections=60 -c shared_buffers=64MB -c track_commit_timestamp=on
  -c max_wal_size=512MB -c logging_collector=off ${POSTGRES_OPTIONS:-})

if [ -n "${POSTGRES_FOREGROUND:-}" ]; then
  "${as_user[@]}" "${command[@]}" </dev/null >"$dir/log" 2>&1 &
  child=$!
  trap 'kill -QUIT $child 2>/dev/null' EXIT
  while read -r line; do # until whoever started this is gone
    [ "$line" = restart ] || continue
    kill -QUIT "$child" && wait "$child" || true
    "${as_user[@]}" "${command[@]}" </dev/null >>"$dir/log" 2>&1 &
    child=$!
    touch "$dir/restarted"
  done
  kill -QUIT "$child" 2>/dev/null && wait "$child" || true
  cd /
  [ "$POSTGRES_FOREGROUND" = keep ] || rm -rf "$dir"
  exit 0
fi

"${as_user[@]}" nohup "${command[@]}" </dev/null >"$dir/log" 2>&1 &
for _ in $(seq 600); do
  if "$bin/pg_isready" -q -h 127.0.0.1 -p "$port"; then
    echo "PostgreSQL $version on 127.0.0.1:$port (pid $(head -1 "$dir/data/postmaster.pid"))"
    exit 0
  fi
  kill -0 $! 2>/dev/null || break
  sleep 0.1
done
tail -20 "$dir/log" >&2 || true
fail "it did not start; see $dir/log"
