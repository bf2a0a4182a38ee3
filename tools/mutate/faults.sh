#!/usr/bin/env bash
# faults.sh [NAME...]: shows that a fault's test goes red when the protection
# against it is gone. Each tools/mutate/faults/F16-NAME.patch removes one
# protection; it is built in with Go's overlay, so the tree stays as it is, and
# the test of F16 runs, in the package that the patch names in a line "Package: "
# before its diff (./tools/faults when there is none). Without names it tries all.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
[ $# -gt 0 ] || set -- $(cd tools/mutate/faults && ls -- *.patch)

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM HUP

# overlay PATCH: an overlay of the files of a patch, changed by it.
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
for name in "$@"; do
  name=$(basename "$name" .patch)
  patch=tools/mutate/faults/$name.patch
  fault=${name%%-*}
  if ! overlay "$patch"; then
    echo "STALE    $name: the patch does not apply any more"
    failed=1
    continue
  fi
  package=$(sed -n 's/^Package: //p' "$patch")
  code=0
  GOFLAGS="${GOFLAGS:-} -overlay=$dir/overlay.json" go test -count=1 -timeout 5m -run "TestFault/^$fault\$" "${package:-./tools/faults}" >"$dir/said" 2>&1 || code=$?
  if [ $code = 0 ]; then
    echo "GREEN    $name: nobody would notice"
    failed=1
  elif grep -q -- "--- FAIL: TestFault/$fault" "$dir/said"; then
    echo "red      $name: $(grep -m 1 -A 6 'Error:\|panic:' "$dir/said" | tr -s ' \t\n' ' ' | cut -c 1-160)"
  else
    echo "BROKEN   $name:"
    tail -n 8 "$dir/said"
    failed=1
  fi
done
exit $failed
