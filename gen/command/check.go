package command

import (
	"fmt"
	"os"

	"github.com/tributary-search/tributary/gen/apply"
	"github.com/tributary-search/tributary/gen/verify"
)

// checkVerb compares the disk with what generate would write, and proves that
// what it would write type-checks.
func checkVerb(root string, asJSON bool, s Streams) int {
	fsys := os.DirFS(root)
	files, problems, err := Generate(fsys)
	if err != nil {
		return failed(s, err)
	}
	if len(problems) > 0 {
		print(s, problems, asJSON, "generated files were not compared")
		return ExitProblems
	}
	plan, err := apply.Compare(fsys, files)
	if err != nil {
		return failed(s, err)
	}
	if len(plan.Problems) > 0 {
		print(s, plan.Problems, asJSON, "run: make generate")
		return ExitDrift
	}
	if err := verify.Types(fsys, files); err != nil {
		return failed(s, fmt.Errorf("generated code: %w", err))
	}
	if asJSON {
		print(s, nil, true, "")
		return ExitDone
	}
	fmt.Fprintf(s.Err, "%s as generated\n", number(len(files), "file"))
	return ExitDone
}
