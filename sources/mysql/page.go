package mysql

import (
	"database/sql/driver"
	"slices"
	"strconv"
	"strings"
)

// selection is what is read of a table: its columns, hidden ones that are part
// of the key, and the numbers by which key columns are sorted.
type selection struct {
	*table
	list  string
	shown []shown
	keyed []keyed
}

// shown is a column that becomes a field.
type shown struct {
	column
	at int // place in the row
}

// keyed is a column of the key.
type keyed struct {
	column
	text int // place of the value for ids
	sort int // place of the value that the server sorts by
}

func newSelection(t *table) *selection {
	s := &selection{table: t}
	var list []string
	place := make([]int, len(t.columns))
	for i, c := range t.columns {
		place[i] = len(list)
		if !c.hidden {
			s.shown = append(s.shown, shown{c, len(list)})
		}
		if !c.hidden || slices.Contains(t.key, i) {
			list = append(list, c.selected())
		}
	}
	for _, i := range t.key {
		k := keyed{column: t.columns[i], text: place[i], sort: place[i]}
		if k.byNumber() {
			k.sort = len(list)
			list = append(list, quote(k.name)+"+0")
		}
		s.keyed = append(s.keyed, k)
	}
	if len(list) == 0 { // a view that is broken: the server says how
		list = []string{"*"}
	}
	s.list = strings.Join(list, ",")
	return s
}

// all reads the whole table in whatever order.
func (s *selection) all() string { return "SELECT " + s.list + " FROM " + s.quoted() }

// page reads up to n rows after a key, in the key's order; nil: the first ones.
func (s *selection) page(after []driver.Value, n int64) string {
	b := []byte(s.all())
	if after != nil {
		b = append(b, " WHERE "...)
		b = s.after(b, after)
	}
	b = append(b, " ORDER BY "...)
	for i, k := range s.keyed {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, quote(k.name)...)
	}
	b = append(b, " LIMIT "...)
	return string(strconv.AppendInt(b, n, 10))
}

// after compares as (a,b,c) > (1,2,3) does, written so that the server reads a
// range of the index: a>1 OR (a=1 AND (b>2 OR (b=2 AND c>3))).
func (s *selection) after(b []byte, after []driver.Value) []byte {
	last := len(s.keyed) - 1
	for i, k := range s.keyed {
		name := quote(k.name)
		b = append(append(b, name...), '>')
		b = k.literal(b, after[i])
		if i < last {
			b = append(append(append(b, " OR ("...), name...), '=')
			b = append(k.literal(b, after[i]), " AND ("...)
		}
	}
	return append(b, strings.Repeat("))", last)...)
}

// keep copies the values of a row's key that the server sorts by.
func (s *selection) keep(into []driver.Value, r row) []driver.Value {
	if into == nil {
		into = make([]driver.Value, len(s.keyed))
	}
	for i, k := range s.keyed {
		v := r[k.sort]
		if text, ok := v.([]byte); ok {
			old, _ := into[i].([]byte)
			v = append(old[:0], text...)
		}
		into[i] = v
	}
	return into
}

// same reports whether another reading of the catalog found the same columns
// and the same key.
func (s *selection) same(t *table) bool {
	return newSelection(t).list == s.list && slices.Equal(t.key, s.key)
}
