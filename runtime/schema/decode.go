package schema

import (
	"encoding/json"
	"slices"

	"github.com/tributary-search/tributary/runtime/connector"
)

// form is the way in which a value may be written.
type form int

const (
	strictForm form = iota // JSON of exactly the field's type
	textForm               // text is read by the field's type as well
	storedForm             // the value of a rich field, as Kibana keeps it
)

// Decode reads a configuration given as plain values ({"port": 3306}), as
// rich fields ({"port": {"value": "3306", "type": "int"}}) or as a mixture.
// Wherever a field is no text, text is read by its type: "3306", "true" and
// the other words for booleans, "a, b" or a JSON array for lists.
//
//   - An absent field has its default. So has an optional field that is empty
//     ("", [], and null in a rich field); an empty required field is a problem.
//   - A field whose conditions are not met is not validated.
//   - A former name counts as the field, with a warning. Both names are a
//     problem among plain values; in a stored configuration, where an update of
//     the source leaves both, the former counts while the field is empty.
//   - An unknown name is a problem among plain values, and a warning among
//     rich fields, where another version of the source may have left it.
//
// The values are fit for use only when the problems hold no error.
func (fs *Fields) Decode(raw json.RawMessage) (*Values, connector.Problems) {
	return fs.decode(raw, textForm)
}

// DecodeStrict is [Fields.Decode] for plain values only, where a text for
// anything but a string is a problem: exactly what the JSON Schema says.
func (fs *Fields) DecodeStrict(raw json.RawMessage) (*Values, connector.Problems) {
	return fs.decode(raw, strictForm)
}

// Check returns the problems that [Fields.Decode] finds.
func (fs *Fields) Check(raw json.RawMessage) connector.Problems {
	_, problems := fs.Decode(raw)
	return problems
}

// Identity returns the values of some fields as text, in the given order.
func (fs *Fields) Identity(raw json.RawMessage, names ...string) ([]string, connector.Problems) {
	v, problems := fs.Decode(raw)
	texts := make([]string, len(names))
	for i, name := range names {
		texts[i] = v.text(name)
	}
	return texts, problems
}

// entry is what one field of an input came to.
type entry struct {
	key      string // the name under which it stood; empty when absent
	value    any    // nil when absent, empty or wrong
	problems connector.Problems
}

func (fs *Fields) decode(raw json.RawMessage, how form) (*Values, connector.Problems) {
	v := &Values{fields: fs, entries: make([]entry, len(fs.list))}
	if fs.err != nil {
		return v, connector.Problems{{Message: fs.err.Error()}}
	}
	root := &node{kind: objectNode}
	if len(raw) > 0 {
		var err error
		if root, err = parse(raw); err != nil {
			return v, syntaxProblem(raw, err)
		}
	}
	if root.kind != objectNode {
		return v, connector.Problems{{Message: "the configuration must be an object, not " + string(root.kind)}}
	}
	rest := v.read(root, how)
	problems := v.judge()
	v.settle()
	return v, append(problems, rest...)
}

// read fills the entries and returns the problems with names.
func (v *Values) read(root *node, how form) connector.Problems {
	var problems connector.Problems
	stored := how != strictForm && slices.ContainsFunc(root.members, func(m member) bool { return isRich(m.value) })
	for _, m := range root.members {
		f := v.fields.byName[m.name]
		if f == nil {
			problems = append(problems, v.fields.unknown(m.name, stored))
			continue
		}
		e, next := &v.entries[f.index], f.read(m, how)
		switch {
		case e.key == "":
			*e = next
		case stored && e.key != m.name:
			*e = f.current(*e, next)
		default:
			problems = append(problems, f.twice(e.key, m.name))
			continue
		}
		if m.name != f.Name {
			problems = append(problems, f.renamed(m.name))
		}
	}
	return problems
}

// current decides between a field's value and one that a stored configuration
// still holds under a former name: the former one counts as long as the field
// itself is empty.
func (f *field) current(a, b entry) entry {
	if b.key == f.Name {
		a, b = b, a
	}
	if a.empty() && !b.empty() {
		return b
	}
	return a
}

// empty reports that there is no value, not even a wrong one.
func (e entry) empty() bool { return e.value == nil && len(e.problems) == 0 }

// judge returns the problems of the fields that count, in the order of the
// description.
func (v *Values) judge() connector.Problems {
	var problems connector.Problems
	for i, f := range v.fields.list {
		e := &v.entries[i]
		if !v.active(f) {
			continue
		}
		problems = append(problems, e.problems...)
		if f.Deprecated && e.value != nil && storedText(e.value) != storedText(f.fallback) {
			problems = append(problems, f.outdated(e.key))
		}
		if len(e.problems) > 0 || !f.Required || e.value != nil {
			continue
		}
		switch {
		case e.key != "":
			problems = append(problems, f.problem(e.key, "", "must not be empty"))
		case f.fallback == nil:
			problems = append(problems, f.problem(f.Name, "", "is missing"))
		}
	}
	return problems
}

// active reports whether the conditions of a field are met.
func (v *Values) active(f *field) bool {
	for _, c := range f.DependsOn {
		other := v.fields.byName[c.Field]
		if other == nil {
			return false
		}
		e, want := v.entries[other.index], plainValue(c.Value)
		if other.Type == Number {
			want = floatValue(want)
		}
		got := e.value
		if got == nil && len(e.problems) == 0 && (e.key == "" || !other.Required) {
			got = other.fallback
		}
		if got != want {
			return false
		}
	}
	return true
}

// settle puts defaults where there is no value and makes paths absolute.
func (v *Values) settle() {
	for i, f := range v.fields.list {
		e := &v.entries[i]
		if e.value == nil || len(e.problems) > 0 {
			e.value = f.fallback
		}
		if path, ok := e.value.(string); ok && f.Check.Format == "path" {
			e.value = absolute(path)
		}
	}
}
