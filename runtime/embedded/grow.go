package embedded

import (
	"maps"
	"slices"
	"strings"
)

// prepare checks a document against the mapping and lets a dynamic mapping grow by what it lacks.
func (ix *index) prepare(id string, source []byte) error {
	m := ix.mapping.Load()
	grown, err := m.accept(id, source, ix.fieldLimit())
	if err != nil || grown == m {
		return err
	}
	ix.mapMu.Lock()
	defer ix.mapMu.Unlock()
	grown, err = ix.mapping.Load().accept(id, source, ix.fieldLimit())
	if err != nil {
		return err
	}
	ix.mapping.Store(grown)
	return nil
}

// accept returns the mapping that takes the document: m itself, or m with the fields it lacks.
func (m *mapping) accept(id string, source []byte, limit int) (*mapping, error) {
	for {
		w := &walker{m: m, id: id, added: map[string]map[string]any{}}
		w.leaf = func(f *field, raw []byte) error { return checkValue(f, id, raw) }
		if err := w.document(source); err != nil {
			return nil, err
		}
		if len(w.added) == 0 {
			return m, nil
		}
		next, err := m.with(w.added)
		if err != nil {
			return nil, err
		}
		if len(next.fields) > limit {
			return nil, badDocument("[1:1] failed to parse: Limit of total fields [%d] has been exceeded while adding new fields [%d]", limit, len(w.added)).
				causedBy(illegal("Limit of total fields [%d] has been exceeded while adding new fields [%d]", limit, len(w.added)))
		}
		m = next
	}
}

// with returns a mapping that has the added fields besides.
func (m *mapping) with(added map[string]map[string]any) (*mapping, error) {
	def := cloneTree(m.def).(map[string]any)
	for _, path := range slices.Sorted(maps.Keys(added)) {
		at := def
		parts := strings.Split(path, ".")
		for _, name := range parts[:len(parts)-1] {
			at = child(child(at, "properties"), name)
		}
		child(at, "properties")[parts[len(parts)-1]] = added[path]
	}
	return compileDef(def)
}

func child(o map[string]any, name string) map[string]any {
	c, ok := o[name].(map[string]any)
	if !ok {
		c = map[string]any{}
		o[name] = c
	}
	return c
}

func cloneTree(v any) any {
	switch v := v.(type) {
	case map[string]any:
		o := make(map[string]any, len(v))
		for k, e := range v {
			o[k] = cloneTree(e)
		}
		return o
	case []any:
		l := make([]any, len(v))
		for i, e := range v {
			l[i] = cloneTree(e)
		}
		return l
	}
	return v
}

// merged returns the mapping after a PUT _mapping of def; changes of what is there already are refused.
func (m *mapping) merged(def map[string]any) (*mapping, error) {
	if _, err := compileDef(cloneTree(def).(map[string]any)); err != nil {
		return nil, err
	}
	out := cloneTree(m.def).(map[string]any)
	if err := mergeInto(out, def, ""); err != nil {
		return nil, err
	}
	return compileDef(out)
}

// mergeInto merges an object mapping into another.
func mergeInto(to, from map[string]any, path string) error {
	for key, v := range from {
		if key != "properties" {
			to[key] = v
			continue
		}
		props, _ := v.(map[string]any)
		for name, d := range props {
			def, _ := d.(map[string]any)
			target, full := expand(to, name, path)
			last := name[strings.LastIndexByte(name, '.')+1:]
			old, ok := target[last].(map[string]any)
			if !ok {
				target[last] = cloneTree(def)
				continue
			}
			if err := mergeField(old, def, full); err != nil {
				return err
			}
		}
	}
	return nil
}

// expand finds the properties object in which a possibly dotted name ends.
func expand(to map[string]any, name, path string) (map[string]any, string) {
	target := child(to, "properties")
	parts := strings.Split(name, ".")
	for _, p := range parts[:len(parts)-1] {
		target = child(child(target, p), "properties")
	}
	return target, join(path, name)
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// updatable are the parameters that may change on an existing field.
var updatable = []string{"ignore_above", "fields", "properties", "dynamic", "meta", "boost", "coerce", "ignore_malformed", "search_analyzer", "eager_global_ordinals", "fielddata"}

func mergeField(old, def map[string]any, path string) error {
	oldType, newType := typeOf(old), typeOf(def)
	if oldType != newType {
		if oldType == "object" {
			return illegal("can't merge a non object mapping [%s] with an object mapping", path)
		}
		if newType == "object" {
			return illegal("can't merge a non object mapping [%s] with an object mapping", path)
		}
		return illegal("mapper [%s] cannot be changed from type [%s] to [%s]", path, oldType, newType)
	}
	if oldType == "object" || oldType == "nested" {
		return mergeInto(old, def, path)
	}
	for _, key := range slices.Sorted(maps.Keys(def)) {
		if key == "type" || key == "fields" || slices.Contains(updatable, key) {
			continue
		}
		if show(withDefault(key, old[key])) != show(withDefault(key, def[key])) {
			return illegal("Mapper for [%s] conflicts with existing mapper:\n\tCannot update parameter [%s] from [%v] to [%v]",
				path, key, withDefault(key, old[key]), withDefault(key, def[key]))
		}
	}
	for _, key := range []string{"index", "doc_values", "format", "analyzer", "null_value"} {
		if _, ok := def[key]; !ok && old[key] != nil && show(old[key]) != show(withDefault(key, nil)) {
			return illegal("Mapper for [%s] conflicts with existing mapper:\n\tCannot update parameter [%s] from [%v] to [%v]",
				path, key, old[key], withDefault(key, nil))
		}
	}
	for key, v := range def {
		if key == "fields" {
			if err := mergeSubs(old, v, path); err != nil {
				return err
			}
		} else if slices.Contains(updatable, key) {
			old[key] = v
		}
	}
	return nil
}

func mergeSubs(old map[string]any, v any, path string) error {
	subs, _ := v.(map[string]any)
	for name, d := range subs {
		def, _ := d.(map[string]any)
		have, ok := child(old, "fields")[name].(map[string]any)
		if !ok {
			child(old, "fields")[name] = cloneTree(def)
			continue
		}
		if err := mergeField(have, def, join(path, name)); err != nil {
			return err
		}
	}
	return nil
}

func typeOf(def map[string]any) string {
	if t, ok := def["type"].(string); ok {
		return t
	}
	return "object"
}

// withDefault is a parameter's value, or what Elasticsearch takes when it is absent.
func withDefault(key string, v any) any {
	if v != nil {
		return v
	}
	switch key {
	case "index", "doc_values":
		return true
	case "store", "norms":
		return key == "norms"
	case "format":
		return defaultDates
	case "analyzer":
		return "default"
	}
	return nil
}
