package pages

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// maxDepth is how deep compose looks; rules may run in a circle.
const maxDepth = 12

// declaration is what compose knows of a source's declaration.
type declaration struct {
	Rules json.RawMessage            `json:"advanced_rules"`
	Defs  map[string]json.RawMessage `json:"$defs"`
}

// shape is what compose knows of a schema.
type shape struct {
	Ref        string                     `json:"$ref"`
	Examples   []json.RawMessage          `json:"examples"`
	AnyOf      []json.RawMessage          `json:"anyOf"`
	OneOf      []json.RawMessage          `json:"oneOf"`
	Items      json.RawMessage            `json:"items"`
	Properties map[string]json.RawMessage `json:"properties"`
	Most       *int                       `json:"maxProperties"`
}

// compose makes values of a schema out of the examples in it: its own, else
// those of its branches, its items or its members.
func (d declaration) compose(schema json.RawMessage, depth int) ([]json.RawMessage, error) {
	var s shape
	if err := json.Unmarshal(schema, &s); err != nil {
		return nil, fmt.Errorf("the schema of the rules: %w", err)
	}
	name, refers := strings.CutPrefix(s.Ref, "#/$defs/")
	switch {
	case len(s.Examples) > 0 || depth <= 0:
		return s.Examples, nil
	case refers:
		return d.compose(d.Defs[name], depth-1)
	case len(s.AnyOf)+len(s.OneOf) > 0:
		var all []json.RawMessage
		for _, branch := range append(s.AnyOf, s.OneOf...) {
			values, err := d.compose(branch, depth-1)
			if err != nil {
				return nil, err
			}
			all = append(all, values...)
		}
		return all, nil
	case s.Items != nil:
		return d.wrapped(s.Items, depth, func(v json.RawMessage) any { return []json.RawMessage{v} })
	case s.Most != nil && *s.Most == 1:
		return d.oneMember(s, depth)
	}
	return d.allMembers(s, depth)
}

func (d declaration) wrapped(schema json.RawMessage, depth int, wrap func(json.RawMessage) any) ([]json.RawMessage, error) {
	values, err := d.compose(schema, depth-1)
	if err != nil {
		return nil, err
	}
	for i, v := range values {
		if values[i], err = json.Marshal(wrap(v)); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// oneMember is a value for each member of an object that may have one.
func (d declaration) oneMember(s shape, depth int) ([]json.RawMessage, error) {
	var all []json.RawMessage
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		values, err := d.wrapped(s.Properties[name], depth, func(v json.RawMessage) any { return map[string]json.RawMessage{name: v} })
		if err != nil {
			return nil, err
		}
		all = append(all, values...)
	}
	return all, nil
}

// allMembers is one value with the first example of each member.
func (d declaration) allMembers(s shape, depth int) ([]json.RawMessage, error) {
	members := map[string]json.RawMessage{}
	for name, schema := range s.Properties {
		values, err := d.compose(schema, depth-1)
		if err != nil {
			return nil, err
		}
		if len(values) > 0 {
			members[name] = values[0]
		}
	}
	if len(members) == 0 {
		return nil, nil
	}
	value, err := json.Marshal(members)
	return []json.RawMessage{value}, err
}
