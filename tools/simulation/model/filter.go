package model

import (
	"encoding/json"
	"strings"
)

// filterPath leaves what the patterns of a filter_path name. A star stands for one name.
func filterPath(body any, filter string) any {
	var patterns [][]string
	for p := range strings.SplitSeq(filter, ",") {
		patterns = append(patterns, strings.Split(p, "."))
	}
	left, there := pick(body, patterns)
	if !there {
		return map[string]any{}
	}
	return left
}

func pick(v any, patterns [][]string) (any, bool) {
	switch v := v.(type) {
	case map[string]any:
		return pickObject(v, patterns)
	case []json.RawMessage:
		list := make([]any, 0, len(v))
		for _, raw := range v {
			if left, there := pick(raw, patterns); there {
				list = append(list, left)
			}
		}
		return list, len(list) > 0
	case []any:
		list := make([]any, 0, len(v))
		for _, e := range v {
			if left, there := pick(e, patterns); there {
				list = append(list, left)
			}
		}
		return list, len(list) > 0
	case json.RawMessage:
		var parsed any
		if json.Unmarshal(v, &parsed) != nil {
			return nil, false
		}
		return pick(parsed, patterns)
	}
	return nil, false
}

func pickObject(m map[string]any, patterns [][]string) (any, bool) {
	left := map[string]any{}
	for name, value := range m {
		var below [][]string
		whole := false
		for _, p := range patterns {
			if p[0] != "*" && p[0] != name {
				continue
			}
			if whole = whole || len(p) == 1; len(p) > 1 {
				below = append(below, p[1:])
			}
		}
		if whole {
			left[name] = value
		} else if picked, there := pick(value, below); there && len(below) > 0 {
			left[name] = picked
		}
	}
	return left, len(left) > 0
}
