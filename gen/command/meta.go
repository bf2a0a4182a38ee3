package command

import (
	"fmt"

	"github.com/tributary-search/tributary/gen/diag"
	"github.com/tributary-search/tributary/gen/load"
	"github.com/tributary-search/tributary/runtime/schema"
)

// metaSchema checks declarations by the published schema, which must never be
// stricter than the generator's own checks.
func metaSchema(in load.Input) (diag.List, error) {
	if in.Meta == nil {
		return nil, nil
	}
	meta, err := schema.Compile(in.Meta)
	if err != nil {
		return nil, fmt.Errorf("schemas/source.schema.json: %w", err)
	}
	var problems diag.List
	for _, d := range in.Declarations {
		for _, v := range meta.Violations(d.File.Text) {
			problems = append(problems, d.File.At(v.Offset, diag.MetaSchema, v.Problem.String(), "schemas/source.schema.json and the generator disagree"))
		}
	}
	return problems.Sort(), nil
}
