package model

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// matches reports whether a query finds a document.
func matches(query map[string]any, d *doc) bool {
	for kind, body := range query {
		m, _ := body.(map[string]any)
		if !matchesOne(kind, m, d) {
			return false
		}
	}
	return true
}

func matchesOne(kind string, m map[string]any, d *doc) bool {
	switch kind {
	case "match_all":
		return true
	case "bool":
		return matchesBool(m, d)
	case "exists":
		return exists(value(d, fmt.Sprint(m["field"])))
	case "range":
		for field, limits := range m {
			bounds, _ := limits.(map[string]any)
			if !inRange(value(d, field), bounds) {
				return false
			}
		}
		return true
	case "term", "terms":
		for field, wanted := range m {
			if !isOneOf(value(d, field), wanted) {
				return false
			}
		}
		return true
	}
	return false
}

// exists reports whether a value is one: an empty list is none.
func exists(v any) bool {
	list, isList := v.([]any)
	return v != nil && (!isList || slices.ContainsFunc(list, exists))
}

func matchesBool(m map[string]any, d *doc) bool {
	for _, q := range clauses(m["filter"]) {
		if !matches(q, d) {
			return false
		}
	}
	for _, q := range clauses(m["must_not"]) {
		if matches(q, d) {
			return false
		}
	}
	should := clauses(m["should"])
	for _, q := range should {
		if matches(q, d) {
			return true
		}
	}
	return len(should) == 0
}

// clauses is a query or a list of them.
func clauses(v any) (list []map[string]any) {
	switch v := v.(type) {
	case map[string]any:
		return []map[string]any{v}
	case []any:
		for _, e := range v {
			if m, ok := e.(map[string]any); ok {
				list = append(list, m)
			}
		}
	}
	return list
}

func isOneOf(v, wanted any) bool {
	if v == nil {
		return false
	}
	list, isList := wanted.([]any)
	if m, ok := wanted.(map[string]any); ok {
		wanted = m["value"]
	}
	if !isList {
		list = []any{wanted}
	}
	for _, w := range list {
		if w == v {
			return true
		}
	}
	return false
}

func inRange(v any, bounds map[string]any) bool {
	if v == nil {
		return false
	}
	for name, limit := range bounds {
		c, comparable := compare(v, limit)
		if !comparable {
			return false
		}
		if name == "gt" && c <= 0 || name == "gte" && c < 0 || name == "lt" && c >= 0 || name == "lte" && c > 0 {
			return false
		}
	}
	return true
}

func compare(a, b any) (int, bool) {
	switch a := a.(type) {
	case float64:
		n, ok := b.(float64)
		return cmp.Compare(a, n), ok
	case string:
		s, ok := b.(string)
		return cmp.Compare(a, s), ok
	}
	return 0, false
}

// value is a field of a document by its path; nil where there is none.
func value(d *doc, path string) any {
	switch path {
	case "_id":
		return d.id
	case "_seq_no":
		return float64(d.seqNo)
	}
	var v any = d.parsed()
	for name := range strings.SplitSeq(strings.TrimSuffix(path, ".keyword"), ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[name]
	}
	return v
}
