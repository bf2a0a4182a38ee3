#!/usr/bin/env bash
# start.sh PORT DIR: starts a MariaDB on 127.0.0.1:PORT and returns when it
# answers. PORT 0 takes a free one. DIR holds its data, its log, and the files
# `pid`, `port` and `socket`; started again on the same DIR it has its data
# again. stop.sh DIR ends it. The user is root, without password.
#
# MARIADB_OPTIONS     more options of the server, such as --skip-log-bin
# MARIADB_FOREGROUND  1: the script stays, and when its standard input ends, the
#                     server does, and DIR is removed. A line "restart" restarts
#                     the server; it is under way again when DIR/restarted is there
# MARIADB_CACHE       where an empty database is kept between runs
set -euo pipefail

port=${1:?usage: start.sh PORT DIR}
mkdir -p "${2:?usage: start.sh PORT DIR}"
dir=$(cd "$2" && pwd)

fail() { echo "mariadb: $*" >&2; exit 1; }

find_program() {
  local name
  for name in "$1" "/usr/sbin/$1" "/usr/local/sbin/$1"; do
    command -v "$name" && return
  done
  fail "$1 is missing; install it (Debian: apt-get install mariadb-server)"
}

server=$(find_program mariadbd)
install=$(find_program mariadb-install-db)
user=$(id -un)
version=$("$server" --no-defaults --version | sed -n 's/.*Ver \([0-9.]*\).*/\1/p')
cache=${MARIADB_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/tributary-mariadb}
template=$cache/$version-$user

# small keeps an empty database small: 20 MB.
small="--innodb-log-file-size=8M --innodb-data-file-path=ibdata1:12M:autoextend --innodb-undo-tablespaces=0"

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
  part=$(mktemp -d "$cache/part.XXXXXX")
  # shellcheck disable=SC2086 # a list of options
  "$install" --no-defaults --user="$user" --datadir="$part" --auth-root-authentication-method=normal \
    --skip-test-db --skip-name-resolve $small >"$part.log" 2>&1 || { cat "$part.log" >&2; fail "mariadb-install-db failed"; }
  rm -f "$part.log" "$part"/aria_log_control.tmp
  mv -T "$part" "$template" 2>/dev/null || rm -rf "$part" # somebody else was faster
}

[ "$port" != 0 ] || port=$(free_port)
! answers "$port" || fail "port $port is in use"
if [ ! -d "$dir/data/mysql" ]; then
  [ -d "$template/mysql" ] || make_template
  rm -rf "$dir/data"
  cp -a "$template" "$dir/data"
fi
mkdir -p "$dir/tmp" # of its own: a server that starts deletes the temporary tables of others
echo "$port" >"$dir/port"
echo "$dir/s" >"$dir/socket"

# shellcheck disable=SC2206 # a list of options
command=("$server" --no-defaults --user="$user" --datadir="$dir/data" --tmpdir="$dir/tmp" --socket="$dir/s" --pid-file="$dir/pid"
  --bind-address=127.0.0.1 --port="$port" --log-error="$dir/log.err" --skip-name-resolve $small
  --server-id=1 --log-bin=binlog --binlog-format=ROW --gtid-strict-mode=1
  --innodb-flush-log-at-trx-commit=0 --sync-binlog=0 --debug-no-sync --skip-sync-frm --innodb-buffer-pool-size=64M --key-buffer-size=1M
  --max-allowed-packet=64M --character-set-server=utf8mb4 ${MARIADB_OPTIONS:-})

if [ "${MARIADB_FOREGROUND:-}" = 1 ]; then
  "${command[@]}" </dev/null >/dev/null 2>&1 &
  child=$!
  trap 'kill -KILL $child 2>/dev/null' EXIT
  while read -r line; do # until whoever started this is gone
    [ "$line" = restart ] || continue
    kill "$child" && wait "$child" || true
    "${command[@]}" </dev/null >/dev/null 2>&1 &
    child=$!
    touch "$dir/restarted"
  done
  kill "$child" 2>/dev/null && wait "$child" || true
  rm -rf "$dir"
  exit 0
fi

nohup "${command[@]}" </dev/null >/dev/null 2>&1 &
for _ in $(seq 600); do
  if answers "$port"; then
    echo "MariaDB $version on 127.0.0.1:$port (pid $(cat "$dir/pid"))"
    exit 0
  fi
  kill -0 $! 2>/dev/null || break
  sleep 0.1
done
tail -20 "$dir/log.err" >&2 || true
fail "it did not start; see $dir/log.err"
