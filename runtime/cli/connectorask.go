package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/tributary-search/tributary/runtime/connector"
)

// questions asks for values of a source's fields, one after the other.
type questions struct {
	app    *app
	kind   connector.Kind
	stored json.RawMessage   // the configuration that they change; nil for a new one
	values map[string]string // what is known, completed by the answers
	all    bool              // optional fields too, but for advanced ones

	asked []string
}

// ask goes on until nothing is missing. Which fields there are depends on what
// was answered.
func (q *questions) ask() error {
	for {
		f, ok, err := q.next()
		if err != nil || !ok {
			return err
		}
		q.asked = append(q.asked, f.name)
		q.present(f)
		for wrong := true; wrong; {
			if wrong, err = q.put(f); err != nil {
				return fmt.Errorf("%s: %w", f.name, err)
			}
		}
	}
}

// next is the field to ask for: required ones first, then in Kibana's order.
func (q *questions) next() (richField, bool, error) {
	raw, _ := q.kind.SetValues(q.stored, q.values)
	kind := q.kind
	kind.Configuration = raw
	fields, err := richFields(kind)
	if err != nil {
		return richField{}, false, err
	}
	var open []richField
	for _, f := range sorted(fields) {
		_, given := q.values[f.name]
		missing := f.Required && f.Value == nil
		if given || slices.Contains(q.asked, f.name) || !f.applies(fields) || !missing && (!q.all || f.advanced()) {
			continue
		}
		if missing {
			return f, true, nil
		}
		open = append(open, f)
	}
	if len(open) == 0 {
		return richField{}, false, nil
	}
	return open[0], true, nil
}

// applies reports whether the fields that a field depends on have the values
// that it wants.
func (f richField) applies(fields map[string]richField) bool {
	for _, d := range f.DependsOn {
		other := fields[d.Field]
		if plainText(other.current()) != fmt.Sprint(d.Value) {
			return false
		}
	}
	return true
}

// current is the value that counts; nil for none.
func (f richField) current() json.RawMessage {
	if f.Value != nil {
		return f.Value
	}
	return f.Default
}

// advanced reports whether forms hide the field at first.
func (f richField) advanced() bool { return slices.Contains(f.Restrictions, "advanced") }

// present says what is asked for.
func (q *questions) present(f richField) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s", cmp.Or(f.Label, f.name))
	if allowed := f.allowed(); len(allowed) > 0 {
		fmt.Fprintf(&b, ", one of %s", strings.Join(allowed, " "))
	} else if f.Type != "str" {
		fmt.Fprintf(&b, ", %s", cmp.Or(typeNames[f.Type], f.Type))
	}
	if f.Tooltip != "" {
		fmt.Fprintf(&b, "\n  %s", f.Tooltip)
	}
	_, _ = fmt.Fprintln(q.app.console, b.String())
}

// put asks for a value once. It reports that the answer is wrong, having said
// why.
func (q *questions) put(f richField) (wrong bool, err error) {
	text, err := q.app.answer(f.name+f.preset()+": ", f.Sensitive)
	if err != nil {
		return false, err
	}
	if text = strings.TrimSpace(text); text != "" {
		q.values[f.name] = text
	}
	_, problems := q.kind.SetValues(q.stored, q.values)
	for _, p := range problems {
		if !p.Warning && (p.Pointer == "/"+f.name || strings.HasPrefix(p.Pointer, "/"+f.name+"/")) {
			_, _ = fmt.Fprintf(q.app.console, "  %s %s\n", f.name, p.Message)
			wrong = true
		}
	}
	if wrong {
		delete(q.values, f.name)
	}
	return wrong, nil
}

// preset is what an empty answer means.
func (f richField) preset() string {
	value := f.current()
	switch {
	case value == nil && f.Required:
		return ""
	case value == nil:
		return " [none]"
	case f.Sensitive:
		return " [as it is]"
	}
	return " [" + printable(plainText(value)) + "]"
}
