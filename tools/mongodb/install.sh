#!/usr/bin/env bash
# install.sh [--path]: puts the test server of the MongoDB source into the cache,
# once, and prints the path of its program; with --path it only prints. It is
# SecantusDB: MongoDB's wire protocol and queries over WiredTiger, the nearest to
# mongod that a package registry has. Its licence is the GPL: it runs as a process
# of its own and is linked nowhere.
#
# MONGODB_CACHE  where it is kept
set -euo pipefail

version=0.7.0b3
if [ "$(id -u)" = 0 ]; then
  cache=${MONGODB_CACHE:-/var/cache/tributary-mongodb}
else
  cache=${MONGODB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tributary-mongodb}
fi
home=$cache/venv-$version

if [ "${1:-}" != --path ] && [ ! -x "$home/bin/secantusd-py" ]; then
  command -v python3 >/dev/null || { echo "mongodb: python3 is missing; install it (Debian: apt-get install python3 python3-venv)" >&2; exit 1; }
  mkdir -p "$cache"
  rm -rf "$home"
  python3 -m venv "$home" || { echo "mongodb: no virtual environment; install python3-venv" >&2; exit 1; }
  "$home/bin/pip" install -q --disable-pip-version-check "secantusdb==$version" >&2 || { rm -rf "$home"; exit 1; }
fi
echo "$home/bin/secantusd-py"
