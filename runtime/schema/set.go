package schema

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/tributary-search/tributary/runtime/connector"
)

// SetValues returns a stored configuration, prepared by [Fields.Prepare], with
// new values of some fields. They are texts, read by their fields' types as
// [Fields.Decode] reads them, and written as Kibana writes them; an empty text
// takes the value away. The problems are those of Prepare, of the values, and
// of the whole configuration as it is then. It is fit for storing only when
// they hold no error.
func (fs *Fields) SetValues(stored json.RawMessage, values map[string]string) (json.RawMessage, connector.Problems) {
	prepared, problems := fs.Prepare(stored)
	if problems.Err() != nil {
		return stored, problems
	}
	root, err := parse(prepared)
	if err != nil {
		return stored, syntaxProblem(stored, err)
	}
	given := make(map[string]json.RawMessage, len(values))
	for _, key := range slices.Sorted(maps.Keys(values)) {
		f := fs.byName[key]
		if f == nil {
			problems = append(problems, fs.unknown(key, false))
			continue
		}
		if _, twice := given[f.Name]; twice {
			problems = append(problems, f.problem(key, "", "is given twice"))
			continue
		}
		value, wrong := f.typed(key, values[key])
		if value == nil {
			problems = append(problems, wrong...)
			continue
		}
		given[f.Name] = value
	}
	if len(given) > 0 {
		prepared = replaceValues(prepared, root, given)
	}
	return prepared, problems.And(fs.Check(prepared))
}

// typed returns a text as the value that is stored of it, or nil and the
// problems where it has another type.
func (f *field) typed(key, text string) (json.RawMessage, connector.Problems) {
	r := &reading{field: f, key: key, how: textForm}
	v := r.value(&node{kind: textNode, text: text})
	stored := f.nothing()
	switch {
	case v == nil && len(r.problems) > 0:
		return nil, r.problems
	case !isEmpty(v):
		stored = storedValue(v)
	}
	encoded, err := json.Marshal(stored)
	if err != nil {
		return nil, connector.Problems{f.problem(key, "", err.Error())}
	}
	return encoded, nil
}

// replaceValues writes a prepared configuration with other values.
func replaceValues(prepared json.RawMessage, root *node, values map[string]json.RawMessage) json.RawMessage {
	out, done := make([]byte, 0, len(prepared)), 0
	for _, m := range root.members {
		value, given := values[m.name]
		old := m.value.get("value")
		if !given || old == nil {
			continue
		}
		out = append(append(out, prepared[done:old.offset]...), value...)
		done = old.end
	}
	return append(out, prepared[done:]...)
}
