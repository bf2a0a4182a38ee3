package sqldb

import (
	"strings"
)

// IDs makes the ids of one table's rows in the form of Elastic's connectors,
// the name of the table and the values of its key, joined by "_". Where that
// form is ambiguous, and only there, "_" is written as %5F:
//
//   - in the values of keys of several columns ("a_b","c" and "a","b_c"), with
//     % as %25 there;
//   - after the name of the table, where the id would read like one of another
//     table (orders with the key "items_5", and order_items).
//
// The zero value makes ids of a table that stands alone.
type IDs struct {
	prefix string   // the table's name and "_"
	others []string // names and "_" of longer tables that begin like this one
}

// NewIDs makes the ids of a table among all tables of its database.
func NewIDs(table string, all []string) IDs {
	ids := IDs{prefix: table + "_"}
	for _, other := range all {
		if other != table && strings.HasPrefix(other, ids.prefix) {
			ids.others = append(ids.others, other+"_")
		}
	}
	return ids
}

// Append appends the id of the row with these key values.
func (ids IDs) Append(dst []byte, key ...[]byte) []byte {
	start := len(dst)
	dst = append(dst, ids.prefix...)
	for i, value := range key {
		if i > 0 {
			dst = append(dst, '_')
		}
		if len(key) == 1 {
			dst = append(dst, value...)
			continue
		}
		dst = appendEscaped(dst, value)
	}
	for _, other := range ids.others {
		if strings.HasPrefix(string(dst[start:]), other) {
			rest := string(dst[start+len(ids.prefix):])
			dst = append(dst[:start+len(ids.prefix)-1], "%5F"...)
			return append(dst, rest...)
		}
	}
	return dst
}

func appendEscaped(dst, value []byte) []byte {
	for _, c := range value {
		switch c {
		case '_':
			dst = append(dst, "%5F"...)
		case '%':
			dst = append(dst, "%25"...)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}
