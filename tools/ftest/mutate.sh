#!/usr/bin/env bash
# mutate.sh [SOURCE...]: shows that the functional test goes red when something
# is broken. Each sources/SOURCE/fixture/mutations/*.patch breaks one thing; it
# is built in with Go's overlay, and the tree stays as it is. Without names it
# tries all sources. SIZE is that of the functional test, medium by default.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD size=${SIZE:-medium}
[ $# -gt 0 ] || set -- $(cd sources && ls -d */fixture/mutations | cut -d/ -f1)
for source; do
  [ -d "sources/$source/fixture/mutations" ] || { echo "mutate: there is no sources/$source/fixture/mutations" >&2; exit 2; }
done

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM HUP
go build -o "$dir/ftest" ./tools/ftest

# overlay PATCH: builds with the files of a patch, changed by it.
overlay() {
  local file comma=
  rm -rf "$dir/tree" && mkdir "$dir/tree"
  exec 3>"$dir/overlay.json"
  printf '{"Replace":{' >&3
  while read -r file; do
    mkdir -p "$dir/tree/$(dirname "$file")"
    cp "$file" "$dir/tree/$file"
    printf '%s"%s":"%s"' "$comma" "$root/$file" "$dir/tree/$file" >&3
    comma=,
  done < <(sed -n 's|^+++ b/\([^[:space:]]*\).*|\1|p' "$1")
  printf '}}' >&3
  exec 3>&-
  (cd "$dir/tree" && GIT_CEILING_DIRECTORIES=$dir git apply "$root/$1")
}

failed=0
for source in "$@"; do
  for patch in "sources/$source"/fixture/mutations/*.patch; do
    name="$source/$(basename "$patch" .patch)"
    if ! overlay "$patch"; then
      echo "STALE    $name: the patch does not apply any more"
      failed=1
      continue
    fi
    code=0
    GOFLAGS="${GOFLAGS:-} -overlay=$dir/overlay.json" "$dir/ftest" -cover=false -size "$size" "$source" >"$dir/said" 2>&1 || code=$?
    case $code in
      1) echo "red      $name: $(grep -A 3 -F ' RED: ' "$dir/said" | sed 's/.* RED: //' | tr -s ' \n' ' ' | cut -c 1-200)" ;;
      0) echo "GREEN    $name: nobody would notice"; failed=1 ;;
      *) echo "BROKEN   $name:"; tail -n 5 "$dir/said"; failed=1 ;;
    esac
  done
done
exit $failed
