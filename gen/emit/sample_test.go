package emit_test

import (
	"encoding/json"
	"math/big"

	"github.com/tributary-search/tributary/gen/model"
)

const module = "github.com/tributary-search/tributary"

// sample is a source with every type of field and of rule.
func sample() model.Source {
	mode := &model.Type{Kind: model.EnumKind, GoName: "Mode", Enum: []string{"full", "top-level"}}
	rule := &model.Type{Kind: model.StructKind, GoName: "AdvancedRule", Doc: "One set of files.", Fields: []model.RuleField{
		{Name: "pattern", GoName: "Pattern", Doc: "Glob of the files", Type: &model.Type{Kind: model.StringKind}, Required: true},
		{Name: "min_size", GoName: "MinSize", Type: &model.Type{Kind: model.IntKind}},
		{Name: "modified_after", GoName: "ModifiedAfter", Type: &model.Type{Kind: model.TimeKind}},
		{Name: "mode", GoName: "Mode", Type: mode},
		{Name: "ratio", GoName: "Ratio", Type: &model.Type{Kind: model.FloatKind}},
		{Name: "deep", GoName: "Deep", Type: &model.Type{Kind: model.BoolKind}},
		{Name: "labels", GoName: "Labels", Type: &model.Type{Kind: model.MapKind, Elem: &model.Type{Kind: model.StringKind}}},
		{Name: "query", GoName: "Query", Type: &model.Type{Kind: model.RawKind}},
	}}
	return model.Source{
		Dir: "sample", ServiceType: "sample", Name: "Sample", About: "Files of a sample.", Aliases: []string{"smp"},
		Abilities: []string{"advanced_rules", "changes"}, Identity: []string{"folder"}, Config: sampleFields(),
		Rules:     &model.Type{Kind: model.SliceKind, Elem: rule},
		RuleTypes: []*model.Type{rule, mode},
		ConfigSchema: json.RawMessage(`{"type":"object","additionalProperties":false,"required":["folder"],
			"properties":{"folder":{"type":"string","minLength":1}}}`),
		RulesSchema: json.RawMessage(`{"type":"array","items":{"type":"object","required":["pattern"],"additionalProperties":false,
			"properties":{"pattern":{"type":"string","minLength":1},"min_size":{"type":"integer","minimum":0}}}}`),
	}
}

func sampleFields() []model.Field {
	return []model.Field{
		{Name: "folder", GoName: "Folder", Title: "Folder", Description: "The folder whose files are read", Type: model.String,
			Required: true, Check: model.Check{Format: "path"}},
		{Name: "pattern", GoName: "Pattern", Title: "Patterns", Description: "Globs of files, one a line.", Type: model.String,
			Default: "**/*", Display: "textarea", Tooltip: "Globs of files, one a line."},
		{Name: "password", GoName: "Password", Title: "Password", Type: model.String, Secret: true, Default: ""},
		{Name: "port", GoName: "Port", Title: "Port", Type: model.Integer, Default: int64(3306), Required: true,
			Check: model.Check{Min: big.NewRat(1, 1), Max: big.NewRat(65535, 1)}},
		{Name: "limit", GoName: "Limit", Title: "Limit", Type: model.Integer, Optional: true},
		{Name: "share", GoName: "Share", Title: "Share", Type: model.Number, Default: 0.5,
			Check: model.Check{Min: new(big.Rat), ExclusiveMin: true, Max: big.NewRat(3, 2)}},
		{Name: "follow", GoName: "Follow", Title: "Follow links", Type: model.Boolean, Default: false},
		{Name: "depth", GoName: "Depth", Title: "Depth", Type: model.Integer, Default: int64(3),
			DependsOn: []model.Condition{{Field: "follow", Value: true}}, Advanced: true},
		{Name: "kinds", GoName: "Kinds", Title: "Kinds", Type: model.StringList, Default: []string{"text"},
			Enum: []any{"text", "image"}, RenamedFrom: []string{"types"}, Check: model.Check{UniqueItems: true}},
		{Name: "sizes", GoName: "Sizes", Title: "Sizes", Type: model.IntegerList, Deprecated: true,
			Check: model.Check{Items: &model.Check{Min: new(big.Rat)}}},
		{Name: "code", GoName: "Code", Title: "Code", Type: model.String, Check: model.Check{Pattern: `^\d+$`, MaxLength: new(9)}},
		{Name: "level", GoName: "Level", Title: "Level", Type: model.String, Enum: []any{"low", "high"},
			Labels: []string{"Low", "High"}, Default: "low"},
	}
}

func project(sources ...model.Source) model.Project {
	p := model.Project{Module: module, Sources: sources}
	for _, s := range sources {
		p.Registry = append(p.Registry, s.Dir)
	}
	return p
}
