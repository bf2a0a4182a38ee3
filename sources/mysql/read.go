package mysql

import (
	"context"
	"crypto/sha256"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/internal/sqldb"
)

// reading is one full sync: where it stands outlives a lost connection.
type reading struct {
	*Source
	emit    func(connector.Document) error
	emitted int
	table   *selection     // the one that is being read
	after   []driver.Value // the key of its last row
	done    map[string]bool
	losses  losses
}

// emitError is an error of emit: it is nobody's but the caller's.
type emitError struct{ error }

// Unwrap returns the error of emit.
func (e emitError) Unwrap() error { return e.error }

// passesHere is passes for work that emits.
func passesHere(err error) bool {
	var foreign emitError
	return !errors.As(err, &foreign) && passes(err)
}

// readTables emits the rows of all tables.
func (s *Source) readTables(ctx context.Context, emit func(connector.Document) error) error {
	r := &reading{Source: s, emit: emit, done: map[string]bool{}}
	defer func() { r.losses.report(s.deps.Log) }()
	return sqldb.Retry(ctx, int(s.cfg.RetryCount), passesHere, func() error {
		for {
			before := r.emitted
			err := r.attempt(ctx)
			if err == nil || ctx.Err() != nil || !passesHere(err) || r.emitted == before {
				return err
			}
			s.deps.Log.Warn("the connection was lost while reading; it goes on after the last row, in a new snapshot", "error", err)
		}
	})
}

// snapshot begins a transaction that sees the database as it is now, until it
// ends, and can't write.
const snapshot = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"

func (c *session) begin(ctx context.Context) error {
	if err := c.exec(ctx, "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"); err != nil {
		return err
	}
	return c.exec(ctx, snapshot)
}

// attempt reads what is not read yet, on one connection.
func (r *reading) attempt(ctx context.Context) error {
	c, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = c.close() }()
	if err := c.begin(ctx); err != nil {
		return r.wrap(r.explain(err))
	}
	tables, err := r.tables(ctx, c)
	if err != nil {
		return err
	}
	if err := r.resume(tables); err != nil {
		return r.wrap(err)
	}
	if len(tables) == 0 {
		r.deps.Log.Warn("the database has no table that the user may read", "database", r.cfg.Database, "user", r.cfg.User)
	}
	for _, t := range tables {
		if r.done[t.name] {
			continue
		}
		if r.table == nil || r.table.name != t.name {
			r.table, r.after = newSelection(t), nil
		}
		if err := r.read(ctx, c); err != nil {
			return r.wrap(r.tableError(err))
		}
		r.done[t.name] = true
	}
	return nil
}

// resume compares the table that was being read with what it is now.
func (r *reading) resume(tables []*table) error {
	if r.after == nil {
		r.table = nil
		return nil
	}
	for _, t := range tables {
		if t.name == r.table.name {
			if r.table.same(t) {
				return nil
			}
			return fmt.Errorf("the columns of table %s were changed while it was read; nothing is deleted, run the sync again", t.name)
		}
	}
	return r.dropped()
}

func (r *reading) dropped() error {
	return fmt.Errorf("table %s was dropped or renamed while the sync ran; nothing is deleted, the next sync goes on without it", r.table.name)
}

func (r *reading) tableError(err error) error {
	var foreign emitError
	switch {
	case errors.As(err, &foreign):
		return err
	case number(err) == errNoTable:
		return r.dropped()
	}
	return fmt.Errorf("read table %s: %w", r.table.name, r.explain(err))
}

// read emits the rest of the current table.
func (r *reading) read(ctx context.Context, c *session) error {
	t := r.table
	if len(t.keyed) == 0 && !t.view {
		r.deps.Log.Warn("the table has no primary key and no unique one without nulls: ids are hashes of whole rows, and equal rows are one document", "table", t.name)
	}
	w := newWriter(t, &r.losses)
	if !t.pages {
		return c.query(ctx, t.all(), func(row row) error { return r.take(ctx, w, row) })
	}
	for {
		n := int64(0)
		err := c.query(ctx, t.page(r.after, r.cfg.FetchSize), func(row row) error {
			n++
			if err := r.take(ctx, w, row); err != nil {
				return err
			}
			r.after = t.keep(r.after, row)
			return nil
		})
		if err != nil || n < r.cfg.FetchSize {
			return err
		}
	}
}

func (r *reading) take(ctx context.Context, w *writer, row row) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	if err := r.emit(w.document(row)); err != nil {
		return emitError{err}
	}
	r.emitted++
	return nil
}

// writer makes documents of a table's rows.
type writer struct {
	*selection
	losses *losses
	origin *connector.Field
	name   []byte             // the table's, as JSON
	fields []*connector.Field // of what is shown
	id     []byte
	values [][]byte // of the key
}

func newWriter(t *selection, l *losses) *writer {
	w := &writer{selection: t, losses: l, origin: connector.NewField(tableField), name: connector.AppendString(nil, t.name), values: make([][]byte, len(t.keyed))}
	for _, c := range t.shown {
		w.fields = append(w.fields, connector.NewField(c.field))
	}
	return w
}

func (w *writer) document(r row) connector.Document {
	d := connector.NewDocument("")
	d.SetField(w.origin, func(dst []byte) ([]byte, error) { return append(dst, w.name...), nil })
	for i := range w.shown {
		c := &w.shown[i]
		d.SetField(w.fields[i], func(dst []byte) ([]byte, error) {
			dst, exact := c.appendJSON(dst, r[c.at])
			if !exact {
				w.losses.add(w.selection.name, c.name)
			}
			return dst, nil
		})
	}
	if len(w.keyed) == 0 {
		d.ID = w.hashed(d.Fields())
		return d
	}
	d.ID = w.keyID(r)
	return d
}

// keyID is the id of a row by its key.
func (w *writer) keyID(r row) string {
	for i := range w.keyed {
		k := &w.keyed[i]
		w.values[i] = k.keyText(w.values[i][:0], r[k.text])
	}
	w.id = w.ids.Append(w.id[:0], w.values...)
	return string(w.id)
}

// hashed is the id of a row without key.
func (w *writer) hashed(fields []byte) string {
	sum := sha256.Sum256(fields)
	w.id = w.ids.Append(w.id[:0], hex.AppendEncode(nil, sum[:16]))
	return string(w.id)
}
