package schema

import (
	"encoding/json"
	"fmt"

	"github.com/tributary-search/tributary/runtime/connector"
)

// refreshed returns a field as the description has it, made of what is stored
// of it, and whether that differs from what is stored. The first of stored
// gives the value; keys that the description does not know are kept. raw is
// the text that stored is part of. Of nothing stored it makes a new field.
func (f *field) refreshed(raw []byte, stored ...*node) (text []byte, changed bool) {
	w := &fieldWriter{raw: raw, names: map[string]bool{}, changed: len(stored) != 1}
	w.want, w.text = f.described()
	for i, n := range stored {
		if n.kind != objectNode { // a plain value becomes that of a field
			w.value(n)
			continue
		}
		for _, m := range n.members {
			w.take(m, i == len(stored)-1)
		}
	}
	w.complete()
	return append(w.out, '}'), w.changed
}

// described is the whole field with its preset value, as JSON and as a tree.
func (f *field) described() (*node, []byte) {
	text, err := json.Marshal(f.rich(f.preset()))
	if err != nil {
		text = []byte("{}")
	}
	n, err := parse(text)
	if err != nil {
		return &node{kind: objectNode}, nil
	}
	return n, text
}

// fieldWriter writes the members of one field.
type fieldWriter struct {
	raw, text []byte // what is stored, what the description says
	want      *node  // text as a tree
	out       []byte
	names     map[string]bool // written so far
	changed   bool
}

// add writes a member that is given as JSON, its name included.
func (w *fieldWriter) add(name string, member []byte) {
	w.names[name] = true
	w.out = appendMember(w.out, member)
}

func (w *fieldWriter) value(n *node) {
	w.changed = true
	if !w.names["value"] {
		w.add("value", append([]byte(`"value":`), w.raw[n.offset:n.end]...))
	}
}

// take writes one stored member: as it is where the description does not know
// it, where it is the value, and where it says the same; else as described.
// What the description knows is taken from the field itself, current.
func (w *fieldWriter) take(m member, current bool) {
	described := w.want.get(m.name)
	switch {
	case w.names[m.name]:
	case described == nil, m.name == "value", current && sameJSON(m.value, described):
		w.add(m.name, w.raw[m.offset:m.value.end])
	case current:
		w.add(m.name, append(append(connector.AppendString(nil, m.name), ':'), w.text[described.offset:described.end]...))
		w.changed = true
	}
}

// complete adds what is missing. That alone is no change where it is null: an
// API that writes fields anew leaves such members out.
func (w *fieldWriter) complete() {
	for _, m := range w.want.members {
		w.changed = w.changed || !w.names[m.name] && m.value.kind != nullNode
	}
	for _, m := range w.want.members {
		if w.changed && !w.names[m.name] {
			w.add(m.name, w.text[m.offset:m.value.end])
		}
	}
}

// appendMember writes the next member of an object; the first opens it.
func appendMember(object, member []byte) []byte {
	next := byte(',')
	if len(object) == 0 {
		next = '{'
	}
	return append(append(object, next), member...)
}

// added reports a field that the stored configuration lacks.
func (f *field) added() connector.Problem {
	message := "is new, and added with its default"
	if f.Required && f.preset() == f.nothing() {
		message = "is new, and has no value yet"
	}
	p := f.problem(f.Name, "", message)
	p.Warning = true
	return p
}

// superseded reports a former name. moved says that the field takes its value
// over.
func (f *field) superseded(old string, moved bool) connector.Problem {
	p := f.renamed(old)
	if !moved {
		p.Message = fmt.Sprintf("%q is now called %q; the old field is kept and has no effect", old, f.Name)
	}
	return p
}
