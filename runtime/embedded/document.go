package embedded

import (
	"encoding/json"
	"slices"
	"strings"
)

// maxDepth is Elasticsearch's limit of nested objects.
const maxDepth = 20

// walker goes through one document with a mapping.
type walker struct {
	m  *mapping
	id string
	// leaf is called with every value of a mapped field that is not an object, nulls and empty arrays left out.
	leaf func(f *field, raw []byte) error
	// added collects the definitions of fields that a dynamic mapping lacks; nil ignores them.
	added map[string]map[string]any
}

func (w *walker) document(source []byte) error {
	return w.object(w.m.root, source, w.m.root.dynamicMode(), 1)
}

// dynamicMode is the nearest setting of `dynamic` above a field.
func (f *field) dynamicMode() string {
	for ; f != nil; f = f.parent {
		if f.dynamic != "" {
			return f.dynamic
		}
	}
	return "true"
}

func (w *walker) object(o *field, raw []byte, mode string, depth int) error {
	if o.dynamic != "" {
		mode = o.dynamic
	}
	var seen keySet
	return eachField(raw, func(key, value []byte) error {
		name := string(unescape(key))
		if w.added != nil {
			if seen.has(name) {
				return badDocument("[1:1] Duplicate field '%s'", name)
			}
			if o == w.m.root && slices.Contains(metaFields, name) {
				return badDocument("[1:1] Field [%s] is a metadata field and cannot be added inside a document. Use the index API request parameters.", name)
			}
		}
		return w.member(o, name, value, mode, depth)
	})
}

// metaFields are Elasticsearch's own.
var metaFields = []string{"_id", "_index", "_source", "_routing", "_seq_no", "_version", "_field_names", "_ignored", "_tier", "_nested_path", "_feature", "_type", "_primary_term"}

// keySet holds the names of one object; few of them need no map.
type keySet struct {
	few  []string
	many map[string]bool
}

// has reports whether a name was there before, and adds it.
func (s *keySet) has(name string) bool {
	if s.many != nil {
		known := s.many[name]
		s.many[name] = true
		return known
	}
	if slices.Contains(s.few, name) {
		return true
	}
	s.few = append(s.few, name)
	if len(s.few) > 16 {
		s.many = map[string]bool{}
		for _, n := range s.few {
			s.many[n] = true
		}
	}
	return false
}

// member handles one member of an object; dots in its name lead into objects.
func (w *walker) member(o *field, name string, value []byte, mode string, depth int) error {
	head, tail, dotted := strings.Cut(name, ".")
	if !dotted {
		if strings.TrimSpace(name) == "" {
			return w.badName(o, name)
		}
		return w.value(o, name, value, mode, depth)
	}
	if strings.TrimSpace(head) == "" || strings.TrimSpace(tail) == "" {
		return w.badName(o, name)
	}
	f := o.props[head]
	switch {
	case f == nil && o.subs == nil:
		return w.unknown(o, head, []byte("{}"), mode, func() error { return w.checkName(o, tail) })
	case f != nil && f.family == familyObject:
		if !f.enabled {
			return nil
		}
		if f.dynamic != "" {
			mode = f.dynamic
		}
		return w.member(f, tail, value, mode, depth+1)
	}
	return badDocument("[1:1] failed to parse: object mapping for [%s] tried to parse field [%s] as object, but found a concrete value", head, tail)
}

func (w *walker) checkName(o *field, name string) error {
	for part := range strings.SplitSeq(name, ".") {
		if strings.TrimSpace(part) == "" {
			return w.badName(o, name)
		}
	}
	return nil
}

func (w *walker) badName(o *field, name string) error {
	reason := "object field starting or ending with a [.] makes object resolution ambiguous: [" + name + "]"
	if name == "" {
		reason = "field name cannot be an empty string"
	} else if strings.TrimSpace(name) == "" {
		reason = "field name cannot contain only whitespace: ['" + name + "']"
	}
	return badDocument("[1:1] failed to parse: %s", reason).causedBy(illegal("%s", reason))
}

func (w *walker) value(o *field, name string, value []byte, mode string, depth int) error {
	f := o.props[name]
	if f == nil {
		return w.unknown(o, name, value, mode, nil)
	}
	return w.mapped(f, value, mode, depth)
}

// mapped handles a value, or an array of values, of a field that the mapping has.
func (w *walker) mapped(f *field, value []byte, mode string, depth int) error {
	if len(value) == 0 {
		return nil
	}
	switch value[0] {
	case '[':
		if f.family == familyBinary {
			return w.leaf(f, value)
		}
		return eachElement(value, func(v []byte) error { return w.mapped(f, v, mode, depth) })
	case 'n':
		if f.nullValue == nil {
			return nil
		}
		raw, err := json.Marshal(f.nullValue)
		if err != nil {
			return err
		}
		return w.leaf(f, raw)
	case '{':
		if f.family == familyObject {
			if !f.enabled {
				return nil
			}
			if depth >= maxDepth {
				return badDocument("[1:1] failed to parse").causedBy(illegal("Limit of mapping depth [%d] has been exceeded due to object field [%s]", maxDepth, f.path))
			}
			return w.object(f, value, mode, depth+1)
		}
	}
	if f.family == familyObject {
		if !f.enabled {
			return nil
		}
		return badDocument("[1:1] object mapping for [%s] tried to parse field [%s] as object, but found a concrete value", f.path, f.name)
	}
	return w.leaf(f, value)
}

// unknown handles a field that the mapping lacks.
func (w *walker) unknown(o *field, name string, value []byte, mode string, check func() error) error {
	switch mode {
	case "strict":
		within := o.path
		if within == "" {
			within = "_doc"
		}
		return fail(400, "strict_dynamic_mapping_exception",
			"[1:1] mapping set to strict, dynamic introduction of [%s] within [%s] is not allowed", name, within)
	case "false", "runtime":
		return nil
	}
	if w.added == nil {
		return nil
	}
	if check != nil {
		if err := check(); err != nil {
			return err
		}
	}
	path := name
	if o.path != "" {
		path = o.path + "." + name
	}
	return w.add(name, path, value)
}

// add infers a new field from a value, or an array of values that must be of one type.
func (w *walker) add(name, path string, value []byte) error {
	if len(value) > 0 && value[0] == '[' {
		return eachElement(value, func(v []byte) error { return w.add(name, path, v) })
	}
	def := w.m.infer(name, path, value)
	if def == nil {
		return nil
	}
	if old := w.added[path]; old != nil && typeOf(old) != typeOf(def) {
		if typeOf(old) == "object" || typeOf(def) == "object" {
			return nil // told by the next round, which knows the field
		}
		return illegal("mapper [%s] cannot be changed from type [%s] to [%s]", path, typeOf(old), typeOf(def))
	} else if old == nil {
		w.added[path] = def
	}
	return nil
}
