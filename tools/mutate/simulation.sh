#!/usr/bin/env bash
# simulation.sh [NAME...]: shows that the simulated histories find what a broken runtime does. Each tools/mutate/simulation/NAME.patch
# breaks one promise; it is tried in a working tree of its own, at HEAD, with the first 200 seeds. Without names it tries all.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
[ $# -gt 0 ] || set -- $(cd tools/mutate/simulation && ls -- *.patch)

dir=$(mktemp -d)
trap 'git worktree remove --force "$dir/tree" 2>/dev/null; rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM HUP
git worktree add --quiet --detach "$dir/tree" HEAD

failed=0
for name in "$@"; do
  name=$(basename "$name" .patch)
  git -C "$dir/tree" checkout --quiet -- .
  if ! git -C "$dir/tree" apply "$root/tools/mutate/simulation/$name.patch"; then
    echo "STALE    $name: the patch does not apply any more"
    failed=1
    continue
  fi
  code=0
  (cd "$dir/tree" && TRIBUTARY_SEEDS=200 go test -count=1 -timeout 10m ./tools/simulation) >"$dir/said" 2>&1 || code=$?
  if [ $code = 0 ]; then
    echo "GREEN    $name: nobody would notice"
    failed=1
  elif grep -q 'seed [0-9]*, after' "$dir/said"; then
    echo "red      $name: $(grep -m 1 -A 1 'seed [0-9]*, after' "$dir/said" | tr -s ' \t\n' ' ' | cut -c 1-160)"
  else
    echo "BROKEN   $name:"
    tail -n 8 "$dir/said"
    failed=1
  fi
done
exit $failed
