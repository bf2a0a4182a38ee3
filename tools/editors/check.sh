#!/usr/bin/env bash
# check.sh: that editors complete and check schema.json and config.yml, shown with
# ajv, the validator in most of them. It needs Node 18 and npm, which nothing else
# here does, so that it is run by hand and by `make ci-full`, not by `make ci`.
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v npm >/dev/null || { echo "editors: npm is missing; install Node 18 or later (Debian: apt-get install nodejs npm)" >&2; exit 1; }
home=$PWD/.cache/editors
mkdir -p "$home"
cmp -s tools/editors/package.json "$home/package.json" || { cp tools/editors/package.json "$home/" && rm -rf "$home/node_modules"; }
[ -d "$home/node_modules" ] || npm install --prefix "$home" --silent --no-audit --no-fund --no-package-lock
node tools/editors/check.mjs "$home"
