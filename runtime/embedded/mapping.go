package embedded

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// field is one node of a mapping. It is never changed after it was compiled.
type field struct {
	name        string
	path        string
	typ         string
	family      family
	indexed     bool
	docValues   bool
	coerce      bool
	malformed   bool // ignore_malformed
	enabled     bool // of an object
	ignoreAbove int
	format      string
	analyzer    string
	foreign     bool   // analysed in a way that this node does not know
	dynamic     string // of an object: "", "true", "false", "strict", "runtime"
	nullValue   any
	props       map[string]*field
	subs        map[string]*field
	parent      *field
}

// findable reports whether a field can be searched: by its terms, or by its doc values, slower in Elasticsearch and alike here.
func (f *field) findable() bool { return f.indexed || f.docValues && f.family != familyText }

// mapping is an immutable compiled mapping.
type mapping struct {
	def       map[string]any // as Elasticsearch would show it
	root      *field
	fields    map[string]*field // by full path, multi-fields too
	templates []dynamicTemplate
	noDates   bool // date_detection false
	numbers   bool // numeric_detection true
}

// compileMapping reads {"properties": …}; nil is the empty mapping.
func compileMapping(raw json.RawMessage) (*mapping, error) {
	def := map[string]any{}
	if len(raw) > 0 && string(raw) != "null" {
		o, err := decodeObject(raw)
		if err != nil {
			return nil, err
		}
		def = o
	}
	return compileDef(def)
}

func compileDef(def map[string]any) (*mapping, error) {
	m := &mapping{def: def, fields: map[string]*field{}}
	m.root = &field{typ: "object", family: familyObject, enabled: true, props: map[string]*field{}}
	if err := m.readRoot(); err != nil {
		return nil, err
	}
	return m, nil
}

// rootKeys are the members of a mapping besides properties.
var rootKeys = []string{
	"_meta", "_source", "_routing", "_data_stream_timestamp", "date_detection", "dynamic", "dynamic_date_formats",
	"dynamic_templates", "numeric_detection", "properties", "runtime", "_field_names", "_size", "subobjects",
}

func (m *mapping) readRoot() error {
	for _, key := range slices.Sorted(maps.Keys(m.def)) {
		if !slices.Contains(rootKeys, key) {
			return badMapping("Root mapping definition has unsupported parameters:  [%s : %s]", key, show(m.def[key]))
		}
	}
	var err error
	if m.root.dynamic, err = readDynamic(m.def["dynamic"]); err != nil {
		return err
	}
	m.noDates = boolText(m.def["date_detection"]) == "false"
	m.numbers = boolText(m.def["numeric_detection"]) == "true"
	if m.templates, err = readDynamicTemplates(m.def["dynamic_templates"]); err != nil {
		return err
	}
	return m.readProperties(m.root, m.def["properties"])
}

func (m *mapping) readProperties(parent *field, v any) error {
	if v == nil {
		return nil
	}
	props, ok := v.(map[string]any)
	if !ok {
		return badMapping("Expected map for property [properties] on field [%s] but got a %s", parent.path, javaClass(v))
	}
	for _, name := range slices.Sorted(maps.Keys(props)) {
		def, ok := props[name].(map[string]any)
		if !ok {
			return badMapping("Expected map for property [fields] on field [%s] but got a %s", name, javaClass(props[name]))
		}
		if err := m.addField(parent, name, def); err != nil {
			return err
		}
	}
	return nil
}

// addField compiles one property; a dotted name makes the objects between.
func (m *mapping) addField(parent *field, name string, def map[string]any) error {
	if strings.TrimSpace(name) == "" {
		return badMapping("field name cannot be an empty string")
	}
	if head, tail, dotted := strings.Cut(name, "."); dotted && head != "" && tail != "" {
		o := parent.props[head]
		if o == nil {
			o = m.newField(parent, head, "object")
			o.enabled, o.props = true, map[string]*field{}
			parent.props[head] = o
		}
		return m.addField(o, tail, def)
	}
	typ, _ := def["type"].(string)
	if typ == "" {
		if def["type"] != nil {
			return badMapping("The [type] of field [%s] must be text", name)
		}
		if def["properties"] == nil && len(def) > 0 && !objectOnly(def) {
			return badMapping("No type specified for field [%s]", name)
		}
		typ = "object"
	}
	f := m.newField(parent, name, typ)
	if f.family == familyNone {
		if slices.Contains(otherTypes, typ) {
			return unsupported("the type [%s] of field [%s]", typ, name)
		}
		return badMapping("No handler for type [%s] declared on field [%s]", typ, name)
	}
	parent.props[name] = f
	if err := f.readParams(def); err != nil {
		return err
	}
	if f.family == familyObject {
		f.props = map[string]*field{}
		return m.readProperties(f, def["properties"])
	}
	return m.readSubs(f, def["fields"])
}

func objectOnly(def map[string]any) bool {
	for k := range def {
		if k != "dynamic" && k != "enabled" && k != "subobjects" {
			return false
		}
	}
	return true
}

func (m *mapping) newField(parent *field, name, typ string) *field {
	f := &field{
		name: name, path: name, typ: typ, family: families[typ], indexed: true, docValues: true, coerce: true, enabled: true, parent: parent,
	}
	if parent.path != "" {
		f.path = parent.path + "." + name
	}
	m.fields[f.path] = f
	return f
}

func (m *mapping) readSubs(f *field, v any) error {
	if v == nil {
		return nil
	}
	subs, ok := v.(map[string]any)
	if !ok {
		return badMapping("expected map for property [fields] on field [%s] but got a %s", f.name, javaClass(v))
	}
	f.subs = map[string]*field{}
	for _, name := range slices.Sorted(maps.Keys(subs)) {
		def, _ := subs[name].(map[string]any)
		typ, _ := def["type"].(string)
		if typ == "" {
			return badMapping("no type specified for property [%s]", name)
		}
		sub := m.newField(f, name, typ)
		if sub.family == familyNone || sub.family == familyObject {
			return badMapping("no handler for type [%s] declared on field [%s]", typ, name)
		}
		if err := sub.readParams(def); err != nil {
			return err
		}
		f.subs[name] = sub
	}
	return nil
}

// source is the mapping as JSON.
func (m *mapping) source() json.RawMessage {
	b, err := json.Marshal(normalRoot(m.def))
	if err != nil {
		return json.RawMessage("{}")
	}
	return b
}
