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
	all, branches, required := members{}, []any{}, []string{}
	for i, f := range s.Config {
		schema := lowerField(props[i].node, f)
		must := f.Required && f.Default == nil
		if len(f.DependsOn) == 0 {
			all[f.Name] = schema
			if must {
				required = append(required, f.Name)
			}
			continue
		}
		all[f.Name] = true
		then := members{"properties": members{f.Name: schema}}
		if must {
			then["required"] = []string{f.Name}
		}
		branches = append(branches, members{"if": met(s, f), "then": then})
	}
	out := members{
		"$schema": draft, "type": "object", "additionalProperties": false, "properties": all,
	}
	if len(required) > 0 {
		out["required"] = required
	}
	if len(branches) > 0 {
		out["allOf"] = branches
	}
	return encode(out)
}

// met is a schema that a configuration meets when a field counts.
func met(s Source, f Field) members {
	values, present := members{}, []string{}
	for _, c := range f.DependsOn {
		i := slices.IndexFunc(s.Config, func(other Field) bool { return other.Name == c.Field })
		other := s.Config[i]
		values[c.Field] = members{"const": c.Value}
		switch {
		case other.Default != c.Value:
			present = append(present, c.Field)
		case !other.Required && other.Type == String:
			values[c.Field] = members{"enum": []any{c.Value, ""}} // empty counts as absent
		}
	}
	out := members{"properties": values}
	if len(present) > 0 {
		out["required"] = present
	}
	return out
}

func lowerField(n *load.Node, f Field) members {
	out := lowered(n)
	if d := n.Get("default"); d != nil {
		out["default"] = json.RawMessage(appendNode(nil, d))
	}
	if f.Secret {
		out["writeOnly"] = true
	}
	if f.Deprecated {
		out["deprecated"] = true
	}
	if items := n.Get("items"); items != nil {
		out["items"] = lowered(items)
	}
	switch f.Type {
	case String:
		return emptiness(out, f, "minLength", "maxLength", "pattern", "format", "enum")
	case StringList, IntegerList:
		return emptiness(out, f, "minItems", "maxItems")
	}
	return out
}

// emptiness makes a required value non-empty and lets an optional one be empty
// whatever else it must meet. low, high and more are its constraints.
func emptiness(out members, f Field, low, high string, more ...string) members {
	if f.Required {
		if none(f.Check.MinLength) && none(f.Check.MinItems) {
			out[low] = 1
		}
		return out
	}
	full := members{}
	for _, key := range append(more, low, high) {
		if v, ok := out[key]; ok {
			full[key] = v
			delete(out, key)
		}
	}
	if len(full) > 0 {
		out["anyOf"] = []any{members{high: 0}, full}
	}
	return out
}

func none(bound *int) bool { return bound == nil || *bound == 0 }
