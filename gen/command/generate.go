package command

import (
	"fmt"
	"io/fs"
	"os"

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
	return ExitDone
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
