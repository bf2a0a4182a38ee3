package command

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/tributary-search/tributary/gen/apply"
	"github.com/tributary-search/tributary/gen/diag"
	"github.com/tributary-search/tributary/gen/emit"
	"github.com/tributary-search/tributary/gen/load"
	"github.com/tributary-search/tributary/gen/model"
	"github.com/tributary-search/tributary/gen/verify"
)

// Generate returns every generated file by its slash path from the root, or
// every problem of the declarations. It reads fsys and nothing else; the error
// says that the generator itself failed.
func Generate(fsys fs.FS) (map[string][]byte, diag.List, error) {
	in, problems, err := load.Tree(fsys)
	if err != nil {
		return nil, nil, err
	}
	project, found := model.Build(in)
	if problems = append(problems, found...).Sort(); len(problems) > 0 {
		return nil, problems, nil
	}
	if problems, err = metaSchema(in); err != nil || len(problems) > 0 {
		return nil, problems, err
	}
	files, err := emit.Files(project)
	if err != nil {
		return nil, nil, fmt.Errorf("emit: %w", err)
	}
	if err := verify.Syntax(files); err != nil {
		return nil, nil, fmt.Errorf("verify: %w", err)
	}
	return files, nil, nil
}

func generateVerb(root string, asJSON bool, s Streams) int {
	plan, problems, err := planFor(root)
	switch {
	case err != nil:
		return failed(s, err)
	case len(problems) > 0:
		print(s, problems, asJSON, "nothing was written")
		return ExitProblems
	case len(plan.Foreign) > 0:
		print(s, plan.Foreign, asJSON, "nothing was written")
		return ExitProblems
	}
	if err := plan.Execute(root); err != nil {
		return failed(s, err)
	}
	if asJSON {
		print(s, nil, true, "")
		return ExitDone
	}
	fmt.Fprintf(s.Err, "%s written, %d removed\n", number(len(plan.Write), "file"), len(plan.Remove))
	return next(root, plan, s)
}

// next prints what an author does now: GetDocs where it is not written yet, else
// the tests of the sources whose files were written.
func next(root string, plan apply.Plan, s Streams) int {
	waiting, err := unwritten(os.DirFS(root))
	if err != nil {
		return failed(s, err)
	}
	for _, at := range waiting {
		fmt.Fprintf(s.Out, "next: write GetDocs at %s, then: go test ./%s\n", at, path.Dir(at))
	}
	if len(waiting) > 0 {
		return ExitDone
	}
	var tests []string
	for _, name := range slices.Sorted(maps.Keys(plan.Write)) {
		if dir := path.Dir(name); strings.HasPrefix(dir, "sources/") && !slices.Contains(tests, "./"+dir) {
			tests = append(tests, "./"+dir)
		}
	}
	if len(tests) > 0 {
		fmt.Fprintf(s.Out, "next: go test %s, then: make check\n", strings.Join(tests, " "))
	}
	return ExitDone
}

// unwritten returns the places, as file:line, where a GetDocs returns
// connector.ErrNotWritten.
func unwritten(fsys fs.FS) (places []string, err error) {
	files, err := fs.Glob(fsys, "sources/*/*.go")
	for _, name := range files {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		if bytes.Contains(text, []byte(notWritten)) {
			places = append(places, fmt.Sprintf("%s:%d", name, lineOf(text, notWritten)))
		}
	}
	return places, err
}

func planFor(root string) (apply.Plan, diag.List, error) {
	fsys := os.DirFS(root)
	files, problems, err := Generate(fsys)
	if err != nil || len(problems) > 0 {
		return apply.Plan{}, problems, err
	}
	plan, err := apply.Compare(fsys, files)
	return plan, nil, err
}
