package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/tributary-search/tributary/runtime/connector"
)

// Prepare brings a stored configuration up to this description: what Kibana
// shows of each field (label, tooltip, order, options, validations, …) becomes
// what the description says, new fields are added with their preset values,
// and a field that is stored under a former name gets its name. Values stay
// byte for byte, and so does what the description does not know: fields of
// another version, and keys in fields. A text without fields (none, null, {})
// becomes [Fields.Document].
//
// The result is the same slice when there is nothing to change. Preparing it
// again changes nothing. The problems report added, renamed and unknown fields
// as warnings. A text that is no configuration (no JSON, no object, a name that
// stands twice) is a problem, and is returned as it is.
func (fs *Fields) Prepare(stored json.RawMessage) (json.RawMessage, connector.Problems) {
	if fs.err != nil {
		return stored, connector.Problems{{Message: fs.err.Error()}}
	}
	if len(bytes.TrimSpace(stored)) == 0 {
		return fs.Document(), nil
	}
	root, err := parse(stored)
	switch {
	case err != nil:
		return stored, syntaxProblem(stored, err)
	case root.kind == nullNode, root.kind == objectNode && len(root.members) == 0:
		return fs.Document(), nil
	case root.kind != objectNode:
		return stored, connector.Problems{{Message: "the configuration must be an object, not " + string(root.kind)}}
	}
	if problems := fs.repeated(root); len(problems) > 0 {
		return stored, problems
	}
	p := &preparation{fields: fs, raw: stored, root: root, homes: make([]home, len(fs.list))}
	p.find()
	return p.run()
}

// repeated returns the names that stand twice, where one of two values would
// be lost.
func (fs *Fields) repeated(root *node) connector.Problems {
	var problems connector.Problems
	for _, name := range root.twice() {
		p := connector.Problem{Pointer: "/" + escapePointer(name), Message: "is given twice"}
		if f := fs.byName[name]; f != nil {
			p.Label = f.Label
		}
		problems = append(problems, p)
	}
	for _, m := range root.members {
		if f := fs.byName[m.name]; f != nil {
			problems = append(problems, f.repeated(m)...)
		}
	}
	return problems
}

// repeated returns the members that stand twice in a field.
func (f *field) repeated(m member) connector.Problems {
	var problems connector.Problems
	for _, name := range m.value.twice() {
		problems = append(problems, f.problem(m.name, "/"+escapePointer(name), fmt.Sprintf("holds %q twice", shortened(name))))
	}
	return problems
}

// preparation is the work of one Prepare.
type preparation struct {
	fields  *Fields
	raw     json.RawMessage
	root    *node
	homes   []home // by the index of the field
	reports connector.Problems
	out     []byte
	changed bool
}

// home is where a field stands: under its name, and under a former one whose
// value it takes over.
type home struct{ current, former *member }

// find decides which members each field is made of.
func (p *preparation) find() {
	for i := range p.root.members {
		m := &p.root.members[i]
		if f := p.fields.byName[m.name]; f != nil && m.name == f.Name {
			p.homes[f.index].current = m
		}
	}
	for i := range p.root.members {
		m := &p.root.members[i]
		f := p.fields.byName[m.name]
		if f == nil || m.name == f.Name {
			continue
		}
		h, filled := &p.homes[f.index], !f.vacant(m)
		switch {
		case h.current != nil && (!filled || !f.vacant(h.current)):
		case h.former == nil, filled && f.vacant(h.former):
			h.former = m
		}
	}
}

// vacant reports whether a stored field has no value, not even a wrong one.
func (f *field) vacant(m *member) bool {
	bare := m.value.kind == objectNode && m.value.get("value") == nil
	return bare || f.read(*m, textForm).empty()
}

// run writes the fields in the order in which they are stored, and those that
// are new after them.
func (p *preparation) run() (json.RawMessage, connector.Problems) {
	for i := range p.root.members {
		p.stored(&p.root.members[i])
	}
	for _, f := range p.fields.list {
		if h := p.homes[f.index]; h.current == nil && h.former == nil {
			p.reports = append(p.reports, f.added())
			p.member(f)
		}
	}
	if !p.changed {
		return p.raw, p.reports
	}
	return append(p.out, '}'), p.reports
}

// stored writes one member of the stored configuration.
func (p *preparation) stored(m *member) {
	f := p.fields.byName[m.name]
	if f == nil {
		p.reports = append(p.reports, p.fields.unknown(m.name, true))
		p.keep(m)
		return
	}
	h := p.homes[f.index]
	moved := h.former == m
	if m.name != f.Name {
		p.reports = append(p.reports, f.superseded(m.name, moved))
	}
	switch {
	case moved && h.current != nil: // its value is written where the field itself stands
		p.changed = true
	case moved:
		p.member(f, m.value)
	case m != h.current:
		p.keep(m)
	case h.former != nil:
		p.member(f, h.former.value, m.value)
	default:
		text, changed := f.refreshed(p.raw, m.value)
		if !changed {
			p.keep(m)
			return
		}
		p.write(f, text)
	}
}

// keep writes a member as it is.
func (p *preparation) keep(m *member) { p.out = appendMember(p.out, p.raw[m.offset:m.value.end]) }

// member writes a field that is made of what is stored.
func (p *preparation) member(f *field, stored ...*node) {
	text, _ := f.refreshed(p.raw, stored...)
	p.write(f, text)
}

func (p *preparation) write(f *field, text []byte) {
	p.changed = true
	p.out = appendMember(p.out, append(append(connector.AppendString(nil, f.Name), ':'), text...))
}

// sameJSON reports whether two values mean the same: numbers in any spelling,
// objects in any order.
func sameJSON(a, b *node) bool {
	if a.kind != b.kind || len(a.members) != len(b.members) {
		return false
	}
	switch a.kind {
	case numberNode:
		x, okX := exact(a.text)
		y, okY := exact(b.text)
		return a.text == b.text || okX && okY && x.Cmp(y) == 0
	case listNode:
		return slices.EqualFunc(a.items, b.items, sameJSON)
	case objectNode:
		return !slices.ContainsFunc(a.members, func(m member) bool {
			other := b.get(m.name)
			return other == nil || !sameJSON(m.value, other)
		})
	}
	return a.text == b.text && a.truth == b.truth
}
