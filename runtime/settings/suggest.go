package settings

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tributary-search/tributary/runtime/schema"
)

// keyHint returns the end of a sentence that asks about the nearest setting, or
// nothing.
func keyHint(path string, keys []string) string {
	if near := nearestKey(path, keys); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}

// nearestKey returns the setting that an unknown dotted key most likely means,
// or "". It mends the first part that is wrong, and finds keys that stand in
// the wrong section.
func nearestKey(path string, keys []string) string {
	parts := strings.Split(path, ".")
	known := ""
	for i, part := range parts {
		next := children(known, keys)
		if !slices.Contains(next, part) {
			if s := schema.Suggest(part, next); s != "" {
				return strings.Join(append([]string{known + s}, parts[i+1:]...), ".")
			}
			break
		}
		known += part + "."
	}
	last := parts[len(parts)-1]
	for _, key := range keys {
		if strings.HasSuffix(key, "."+last) {
			return key
		}
	}
	return ""
}

// children returns the parts that may follow a prefix, which is empty or ends
// with a dot.
func children(prefix string, keys []string) []string {
	var out []string
	for _, key := range keys {
		if rest, ok := strings.CutPrefix(key, prefix); ok {
			part, _, _ := strings.Cut(rest, ".")
			if !slices.Contains(out, part) {
				out = append(out, part)
			}
		}
	}
	return out
}
