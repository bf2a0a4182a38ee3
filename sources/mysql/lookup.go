package mysql

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tributary-search/tributary/runtime/connector"
)

// lookupRows is how many changed rows are read at once.
const lookupRows = 500

// lookup reads the rows that the log names.
//
// What is read is the state at the end of the way, or a newer one, which later
// events tell as well. MariaDB gives it from the snapshot where the way ends.
// MySQL tells of a transaction in the log a moment before its tables show it:
// there the rows are read with a lock, which waits for that.
type lookup struct {
	*Source
	c      *session
	emit   func(connector.Change, cursor) error
	safe   cursor // everything before it was added
	told   cursor // the last one that was given out
	tables map[*selection]*batch
	order  []*selection
	count  int
	losses losses
}

// batch is the keys of one table, by the ids of their rows.
type batch struct {
	keys  [][]keyValue
	known map[string]bool
}

func newLookup(s *Source, c *session, emit func(connector.Change, cursor) error, from cursor) *lookup {
	return &lookup{Source: s, c: c, emit: emit, safe: from, told: from, tables: map[*selection]*batch{}}
}

// add takes a key; when there are many, their rows are read first.
func (l *lookup) add(ctx context.Context, t *selection, key []keyValue) error {
	name := fmt.Sprint(key)
	if b := l.tables[t]; b != nil && b.known[name] {
		return nil
	}
	if l.count >= lookupRows {
		if err := l.flush(ctx); err != nil {
			return err
		}
	}
	b := l.tables[t]
	if b == nil {
		b = &batch{known: map[string]bool{}}
		l.tables[t] = b
		l.order = append(l.order, t)
	}
	b.known[name] = true
	b.keys = append(b.keys, key)
	l.count++
	return nil
}

// flush reads and emits the rows. The last change carries the position.
func (l *lookup) flush(ctx context.Context) error {
	var held *connector.Change
	give := func(ch *connector.Change) error {
		if held != nil {
			if err := l.emit(*held, l.told); err != nil {
				return err
			}
		}
		held = ch
		return nil
	}
	for _, t := range l.order {
		if err := l.read(ctx, t, l.tables[t].keys, give); err != nil {
			return fmt.Errorf("read changed rows of table %s: %w", t.name, err)
		}
	}
	if held != nil {
		at, err := l.safe.encode()
		if err != nil {
			return err
		}
		held.Cursor, l.told = at, l.safe
		if err := l.emit(*held, l.told); err != nil {
			return err
		}
	}
	clear(l.tables)
	l.order, l.count = nil, 0
	return nil
}

// read gives the rows that are there and, of those that are not, the ids.
func (l *lookup) read(ctx context.Context, t *selection, keys [][]keyValue, give func(*connector.Change) error) error {
	w := newWriter(t, &l.losses)
	if err := l.translate(ctx, t, keys); err != nil {
		return err
	}
	there := make(map[string]bool, len(keys))
	err := l.c.query(ctx, l.statement(t, keys), func(r row) error {
		d := w.document(r)
		there[d.ID] = true
		return give(&connector.Change{Document: d})
	})
	if err != nil {
		return err
	}
	for _, key := range keys {
		id := w.loggedID(key)
		if there[id] {
			continue
		}
		there[id] = true
		if err := give(&connector.Change{Document: connector.Document{ID: id}, Deleted: true}); err != nil {
			return err
		}
	}
	return nil
}

// loggedID is the id of a row by a key of the log.
func (w *writer) loggedID(key []keyValue) string {
	for i := range w.keyed {
		w.values[i] = w.keyed[i].keyText(w.values[i][:0], key[i].text)
	}
	w.id = w.ids.Append(w.id[:0], w.values...)
	return string(w.id)
}

// statement reads rows by their keys: a IN (1,2), or (a=1 AND b=2) OR …
func (l *lookup) statement(t *selection, keys [][]keyValue) string {
	b := append([]byte(t.all()), " WHERE "...)
	if len(t.keyed) == 1 {
		b = append(append(b, quote(t.keyed[0].name)...), " IN ("...)
		for i, key := range keys {
			if i > 0 {
				b = append(b, ',')
			}
			b = t.keyed[0].literal(b, key[0].sort)
		}
		b = append(b, ')')
	} else {
		for i, key := range keys {
			if i > 0 {
				b = append(b, " OR "...)
			}
			b = t.equals(b, key)
		}
	}
	if !l.c.mariaDB {
		b = append(b, " LOCK IN SHARE MODE"...)
	}
	return string(b)
}

func (s *selection) equals(b []byte, key []keyValue) []byte {
	b = append(b, '(')
	for i, k := range s.keyed {
		if i > 0 {
			b = append(b, " AND "...)
		}
		b = k.literal(append(append(b, quote(k.name)...), '='), key[i].sort)
	}
	return append(b, ')')
}

// translate lets the server turn texts of the log into UTF-8: there they are in
// their column's character set.
func (l *lookup) translate(ctx context.Context, t *selection, keys [][]keyValue) error {
	for i, k := range t.keyed {
		if !k.foreign() {
			continue
		}
		b := []byte("SELECT ")
		for n, key := range keys {
			if n > 0 {
				b = append(b, ',')
			}
			b = append(append(append(b, "CONVERT(_"...), k.charset...), " X"...)
			b = append(appendHex(b, key[i].text.([]byte)), " USING utf8mb4)"...)
		}
		err := l.c.query(ctx, string(b), func(r row) error {
			for n := range keys {
				value := slices.Clone(r[n].([]byte))
				keys[n][i] = keyValue{value, value}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func upper(name string) string { return strings.ToUpper(name) }
