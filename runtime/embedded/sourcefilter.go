package embedded

import (
	"strings"
)

// sourceFilter says which parts of a source are shown.
type sourceFilter struct {
	none     bool
	includes [][]string
	excludes [][]string
}

// apply returns the parts of the source that are shown, nil for none.
func (f sourceFilter) apply(source []byte) []byte {
	if f.none {
		return nil
	}
	if len(f.includes) > 0 {
		out, kept := keepPaths(nil, source, f.includes)
		if !kept {
			return []byte("{}")
		}
		source = out
	}
	if len(f.excludes) > 0 {
		source = dropPaths(nil, source, f.excludes)
	}
	return source
}

func splitPaths(names []string) [][]string {
	var out [][]string
	for _, n := range names {
		if n != "" {
			out = append(out, strings.Split(n, "."))
		}
	}
	return out
}

// sourceFilter reads _source, _source_includes and _source_excludes of the URL.
func (c *call) sourceFilter() (sourceFilter, error) {
	var f sourceFilter
	switch v := c.query.Get("_source"); v {
	case "", "true":
	case "false":
		f.none = true
	default:
		f.includes = splitPaths(strings.Split(v, ","))
	}
	f.includes = append(f.includes, splitPaths(strings.Split(c.query.Get("_source_includes"), ","))...)
	f.excludes = splitPaths(strings.Split(c.query.Get("_source_excludes"), ","))
	return f, nil
}

// readSourceFilter reads _source of a search body.
func readSourceFilter(v any) (sourceFilter, error) {
	var f sourceFilter
	switch v := v.(type) {
	case nil:
	case bool:
		f.none = !v
	case string:
		f.includes = splitPaths([]string{v})
	case []any:
		f.includes = splitPaths(texts(v))
	case map[string]any:
		for key, list := range v {
			switch key {
			case "includes", "include":
				f.includes = splitPaths(texts(list))
			case "excludes", "exclude":
				f.excludes = splitPaths(texts(list))
			default:
				return f, parsing("Unknown key for a START_OBJECT in [%s].", key)
			}
		}
	default:
		return f, parsing("Expected one of [VALUE_BOOLEAN, START_OBJECT] but found [%T]", v)
	}
	return f, nil
}

// texts reads a string or a list of strings.
func texts(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, e := range v {
			if s, ok := e.(string); ok {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}
