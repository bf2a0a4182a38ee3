package embedded

import (
	"strings"
)

// dynamicTemplate decides the mapping of a field that the mapping lacks.
type dynamicTemplate struct {
	name    string
	matches string // match_mapping_type
	match   string
	path    string // path_match
	def     map[string]any
}

func readDynamicTemplates(v any) ([]dynamicTemplate, error) {
	list, _ := v.([]any)
	if v != nil && list == nil {
		return nil, badMapping("Dynamic template syntax error. An array of named objects is expected.")
	}
	var out []dynamicTemplate
	for _, item := range list {
		named, _ := item.(map[string]any)
		if len(named) != 1 {
			return nil, badMapping("A dynamic template must be defined with a name")
		}
		for name, body := range named {
			o, _ := body.(map[string]any)
			t := dynamicTemplate{name: name}
			for key := range o {
				switch key {
				case "match_mapping_type":
					t.matches, _ = o[key].(string)
				case "match":
					t.match, _ = o[key].(string)
				case "path_match":
					t.path, _ = o[key].(string)
				case "mapping":
					t.def, _ = o[key].(map[string]any)
				default:
					return nil, unsupported("[%s] of dynamic template [%s]", key, name)
				}
			}
			if t.def == nil {
				return nil, badMapping("template [%s] must have a [mapping]", name)
			}
			out = append(out, t)
		}
	}
	return out, nil
}

// infer is the mapping of a new field, nil when the value says nothing.
func (m *mapping) infer(name, path string, raw []byte) map[string]any {
	kind, def := m.guess(raw)
	if kind == "" {
		return nil
	}
	for _, t := range m.templates {
		if (t.matches == "" || t.matches == "*" || t.matches == kind) &&
			(t.match == "" || matchWildcard(t.match, name)) && (t.path == "" || matchWildcard(t.path, path)) {
			return t.apply(name, kind)
		}
	}
	return def
}

func (t dynamicTemplate) apply(name, kind string) map[string]any {
	typ := kind
	switch kind {
	case "string":
		typ = "text"
	case "double":
		typ = "float"
	}
	return substitute(t.def, strings.NewReplacer("{name}", name, "{dynamic_type}", typ)).(map[string]any)
}

func substitute(v any, r *strings.Replacer) any {
	switch v := v.(type) {
	case string:
		return r.Replace(v)
	case map[string]any:
		o := make(map[string]any, len(v))
		for k, e := range v {
			o[k] = substitute(e, r)
		}
		return o
	}
	return v
}

// guess is Elasticsearch's match_mapping_type for a value and the mapping it gets by default.
func (m *mapping) guess(raw []byte) (kind string, def map[string]any) {
	if len(raw) == 0 {
		return "", nil
	}
	switch raw[0] {
	case '{':
		return "object", map[string]any{"type": "object"}
	case 't', 'f':
		return "boolean", map[string]any{"type": "boolean"}
	case 'n':
		return "", nil
	case '"':
		return m.guessText(string(scalarText(raw)))
	}
	if strings.ContainsAny(string(raw), ".eE") {
		return "double", map[string]any{"type": "float"}
	}
	return "long", map[string]any{"type": "long"}
}

func (m *mapping) guessText(s string) (string, map[string]any) {
	if !m.noDates && looksLikeDate(s) {
		def := map[string]any{"type": "date"}
		if strings.Contains(s, "/") {
			def["format"] = slashDates
		}
		return "date", def
	}
	return "string", map[string]any{
		"type": "text", "fields": map[string]any{"keyword": map[string]any{"type": "keyword", "ignore_above": 256}},
	}
}

// matchWildcard matches a pattern in which * stands for any text.
func matchWildcard(pattern, s string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == s
	}
	if !strings.HasPrefix(s, parts[0]) {
		return false
	}
	s = s[len(parts[0]):]
	for _, p := range parts[1 : len(parts)-1] {
		i := strings.Index(s, p)
		if i < 0 {
			return false
		}
		s = s[i+len(p):]
	}
	return strings.HasSuffix(s, parts[len(parts)-1])
}
