package sqldb

import "strings"

// FieldNames returns the names under which the columns of a table become
// fields: their own, but for
//
//   - one that the source itself uses (taken), which gets a suffix "_";
//   - one that is, up to one of its dots, the name of another column, whose dots
//     become "_": Elasticsearch could not index "a" and "a.b" in one document;
//   - one that would then be there twice, which gets a suffix "_".
//
// What the runtime reserves ("id", "_id") the runtime renames.
func FieldNames(columns []string, taken ...string) []string {
	used := make(map[string]bool, len(columns)+len(taken))
	for _, name := range taken {
		used[name] = true
	}
	own := make(map[string]bool, len(columns))
	for _, c := range columns {
		own[c] = true
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		name := c
		if belowAnother(c, own) {
			name = strings.ReplaceAll(c, ".", "_")
		}
		for used[name] || name != c && own[name] {
			name += "_"
		}
		used[name] = true
		names[i] = name
	}
	return names
}

// belowAnother reports whether a name is, up to one of its dots, another's.
func belowAnother(name string, all map[string]bool) bool {
	for i, c := range name {
		if c == '.' && all[name[:i]] {
			return true
		}
	}
	return false
}
