package model

import (
	"encoding/json"
	"slices"

	"github.com/tributary-search/tributary/gen/load"
)

// lowerConfig makes the schema of plain configuration values:
//
//   - a required field has no empty value; an optional one may be empty, which
//     counts as absent,
//   - a required field with a default may be absent,
//   - a field whose conditions are not met is not looked at.
func lowerConfig(s Source, props []property) json.RawMessage {
	all, branches, required := &document{}, []any{}, []any{}
	for i, f := range s.Config {
		schema := lowerField(props[i].node, f)
		must := f.Required && f.Default == nil
		if len(f.DependsOn) == 0 {
			all.set(f.Name, schema)
			if must {
				required = append(required, f.Name)
			}
			continue
		}
		all.set(f.Name, true)
		then := (&document{}).set("properties", (&document{}).set(f.Name, schema))
		if must {
			then.set("required", []any{f.Name})
		}
		branches = append(branches, (&document{}).set("if", met(s, f)).set("then", then))
	}
	out := (&document{}).set("$schema", draft).set("type", "object").set("additionalProperties", false)
	if len(required) > 0 {
		out.set("required", required)
	}
	out.set("properties", all)
	if len(branches) > 0 {
		out.set("allOf", branches)
	}
	return out.encode()
}

// met is a schema that a configuration meets when a field counts.
func met(s Source, f Field) *document {
	values, present := &document{}, []any{}
	for _, c := range f.DependsOn {
		i := slices.IndexFunc(s.Config, func(other Field) bool { return other.Name == c.Field })
		other := s.Config[i]
		values.set(c.Field, (&document{}).set("const", c.Value))
		switch {
		case other.Default != c.Value:
			present = append(present, c.Field)
		case !other.Required && other.Type == String: // empty counts as absent
			values.set(c.Field, (&document{}).set("enum", []any{c.Value, ""}))
		}
	}
	out := &document{}
	if len(present) > 0 {
		out.set("required", present)
	}
	return out.set("properties", values)
}

func lowerField(n *load.Node, f Field) *document {
	out := lowered(n)
	if d := n.Get("default"); d != nil {
		out.set("default", d)
	}
	if f.Secret {
		out.set("writeOnly", true)
	}
	if f.Deprecated {
		out.set("deprecated", true)
	}
	if items := n.Get("items"); items != nil {
		out.set("items", lowered(items))
	}
	switch f.Type {
	case String:
		emptiness(out, f, "minLength", "maxLength", "pattern", "format", "enum")
	case StringList, IntegerList:
		emptiness(out, f, "minItems", "maxItems")
	}
	return out
}

// emptiness makes a required value non-empty and lets an optional one be empty
// whatever else it must meet. low, high and more are its constraints.
func emptiness(out *document, f Field, low, high string, more ...string) {
	if f.Required {
		if none(f.Check.MinLength) && none(f.Check.MinItems) {
			out.set(low, 1)
		}
		return
	}
	full := &document{}
	for _, key := range append(more, low, high) {
		out.move(key, full)
	}
	if len(full.list) > 0 {
		out.set("anyOf", []any{(&document{}).set(high, 0), full})
	}
}

func none(bound *int) bool { return bound == nil || *bound == 0 }
