package command

import (
	"fmt"
	"io/fs"
	"os"

	"github.com/tributary-search/tributary/gen/compat"
	"github.com/tributary-search/tributary/gen/diag"
	"github.com/tributary-search/tributary/gen/load"
	"github.com/tributary-search/tributary/gen/model"
)

// compatVerb compares the declarations of the tree with those of another one.
func compatVerb(root, base string, asJSON bool, s Streams) int {
	if base == "" {
		return misuse(s, "compat needs --base DIR, a folder with the sources/ to compare with")
	}
	before, err := baseOf(base)
	if err != nil {
		return failed(s, fmt.Errorf("--base: %w", err))
	}
	now, problems, err := declared(os.DirFS(root))
	if err != nil {
		return failed(s, err)
	}
	if len(problems) > 0 {
		print(s, problems, asJSON, "nothing was compared")
		return ExitProblems
	}
	found := compat.Compare(before, now)
	broken := found.Problems()
	switch {
	case asJSON:
		print(s, found, true, "")
	case broken > 0:
		_ = found.WriteText(s.Err)
		fmt.Fprintf(s.Err, "%s for what users have stored; go run ./gen explain CODE says more\n", number(broken, "break"))
	default:
		_ = found.WriteText(s.Err)
		fmt.Fprintf(s.Err, "%s compared; what users have stored is still good\n", number(len(before.Declarations), "source"))
	}
	if broken > 0 {
		return ExitProblems
	}
	return ExitDone
}

// baseOf reads the declarations to compare with. A text that is no JSON is an
// error: nothing could be said about its source.
func baseOf(dir string) (load.Input, error) {
	if _, err := fs.Stat(os.DirFS(dir), "sources"); err != nil {
		return load.Input{}, fmt.Errorf("%s has no sources: %w", dir, err)
	}
	in, problems, err := load.Declarations(os.DirFS(dir))
	if err != nil {
		return in, err
	}
	if len(problems) > 0 {
		return in, fmt.Errorf("declarations of %s can't be read:\n%w", dir, problems)
	}
	return in, nil
}

// declared reads the declarations of the tree with all their problems.
func declared(fsys fs.FS) (load.Input, diag.List, error) {
	in, problems, err := load.Tree(fsys)
	if err != nil {
		return in, nil, err
	}
	_, found := model.Build(in)
	return in, append(problems, found...).Sort(), nil
}
