package postgresql

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pglogrepl"

	"github.com/tributary-search/tributary/runtime/connector"
)

// applier turns the messages of a replication stream into changes.
type applier struct {
	*Source
	conn   *session // for rows of which the stream holds parts only
	cursor cursor   // of the position that was read from
	emit   func(connector.Change) error
	tables map[uint32]*rows // by oid, those that are followed
	known  map[uint32]bool  // relations that the stream has described as they are now
	time   time.Time        // of the transaction's commit
	held   *connector.Change
	failed error // what emit returned
}

func newApplier(s *Source, c *session, at cursor, tables []*table, emit func(connector.Change) error) *applier {
	a := &applier{Source: s, conn: c, cursor: at, emit: emit, tables: map[uint32]*rows{}, known: map[uint32]bool{}}
	for _, t := range tables {
		if t.traceable() {
			a.tables[t.oid] = newRows(t)
		}
	}
	return a
}

func (a *applier) warn() {
	for _, r := range a.tables {
		r.warn(a.deps.Log)
	}
}

// take handles one message. The last change of a transaction carries the
// cursor behind it, so each is held until the next message of its kind.
func (a *applier) take(ctx context.Context, message pglogrepl.Message) error {
	switch m := message.(type) {
	case *pglogrepl.BeginMessage:
		a.time = m.CommitTime
	case *pglogrepl.CommitMessage:
		return a.commit(m.TransactionEndLSN)
	case *pglogrepl.RelationMessage:
		return a.relation(m)
	case *pglogrepl.TruncateMessage:
		return a.truncated(m)
	case *pglogrepl.InsertMessage:
		if r := a.rows(m.RelationID); r != nil {
			return a.put(ctx, r, m.Tuple, nil)
		}
	case *pglogrepl.UpdateMessage:
		if r := a.rows(m.RelationID); r != nil {
			return a.update(ctx, r, m)
		}
	case *pglogrepl.DeleteMessage:
		if r := a.rows(m.RelationID); r != nil {
			return a.delete(r.documentID(values(m.OldTuple)))
		}
	}
	return nil
}

func (a *applier) rows(oid uint32) *rows {
	if !a.known[oid] {
		return nil
	}
	return a.tables[oid]
}

// relation compares a table as it was when a row changed with what it is now.
func (a *applier) relation(m *pglogrepl.RelationMessage) error {
	r := a.tables[m.RelationID]
	if r == nil {
		return nil // not one of ours
	}
	same := len(m.Columns) == len(r.columns) && m.RelationName == r.name
	for i := 0; same && i < len(m.Columns); i++ {
		col := r.columns[i]
		same = m.Columns[i].Name == col.name && m.Columns[i].DataType == col.oid && m.Columns[i].TypeModifier == col.modifier
	}
	if !same {
		return lost("the columns of table %s were changed, or the publication leaves some out", r.name)
	}
	a.known[m.RelationID] = true
	return nil
}

// truncated gives up: nobody knows which rows there were.
func (a *applier) truncated(m *pglogrepl.TruncateMessage) error {
	var names []string
	for _, oid := range m.RelationIDs {
		if r := a.tables[oid]; r != nil {
			names = append(names, r.name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return lost("table %s was truncated", strings.Join(names, ", "))
}

// update emits a changed row, and deletes its old document if it got another id.
func (a *applier) update(ctx context.Context, r *rows, m *pglogrepl.UpdateMessage) error {
	if m.OldTuple != nil {
		old := r.documentID(values(m.OldTuple))
		merged := merge(m.NewTuple, m.OldTuple)
		if old != r.documentID(values(merged)) {
			if err := a.delete(old); err != nil {
				return err
			}
		}
	}
	return a.put(ctx, r, m.NewTuple, m.OldTuple)
}

// put emits a row. Large values that an update left alone are not in the
// stream: they are those of the old row, where that was logged, or are read.
func (a *applier) put(ctx context.Context, r *rows, tuple, old *pglogrepl.TupleData) error {
	tuple = merge(tuple, old)
	row := values(tuple)
	if !slices.ContainsFunc(tuple.Columns, unchangedColumn) {
		return a.hold(connector.Change{Document: a.document(r, row)})
	}
	found := false
	err := a.conn.query(ctx, a.byKey(r, row), func(now [][]byte) error {
		found = true
		return a.hold(connector.Change{Document: a.document(r, now)})
	})
	if err != nil && a.failed == nil {
		return a.explain(ctx, fmt.Errorf("read a row of table %s again: %w", r.name, err))
	}
	if !found { // it is gone since, or got another key; the stream will say so
		return err
	}
	return err
}

func (a *applier) document(r *rows, row [][]byte) connector.Document {
	doc := r.document(row)
	if r.stamped {
		doc.UpdatedAt = a.time
	}
	return doc
}

// byKey is the query of one row. Keys are texts of the server's own.
func (a *applier) byKey(r *rows, row [][]byte) string {
	names := make([]string, len(r.columns))
	for i, col := range r.columns {
		names[i] = quote(col.name)
	}
	conditions := make([]string, len(r.table.key))
	for i, k := range r.table.key {
		conditions[i] = quote(r.columns[k].name) + " =" + literal(string(row[k]))
	}
	return "SELECT " + strings.Join(names, ", ") + " FROM " + a.qualified(r.name) + " WHERE " + strings.Join(conditions, " AND ")
}

func (a *applier) delete(id string) error {
	return a.hold(connector.Change{Document: connector.Document{ID: id}, Deleted: true})
}

// hold emits the change before this one.
func (a *applier) hold(c connector.Change) error {
	err := a.release(nil)
	a.held = &c
	return err
}

// commit emits the transaction's last change with the cursor behind it.
func (a *applier) commit(end pglogrepl.LSN) error {
	at := a.cursor
	at.LSN = end.String()
	return a.release(at.json())
}

func (a *applier) release(at connector.Cursor) error {
	if a.held == nil {
		return nil
	}
	c := *a.held
	a.held, c.Cursor = nil, at
	a.failed = a.emit(c)
	return a.failed
}

func unchangedColumn(c *pglogrepl.TupleDataColumn) bool {
	return c.DataType == pglogrepl.TupleDataTypeToast
}

// merge takes values that the new row does not hold from the old one.
func merge(tuple, old *pglogrepl.TupleData) *pglogrepl.TupleData {
	if old == nil || !slices.ContainsFunc(tuple.Columns, unchangedColumn) {
		return tuple
	}
	merged := *tuple
	merged.Columns = slices.Clone(tuple.Columns)
	for i, c := range merged.Columns {
		if unchangedColumn(c) && old.Columns[i].DataType == pglogrepl.TupleDataTypeText {
			merged.Columns[i] = old.Columns[i]
		}
	}
	return &merged
}

// values are a tuple's, as a query gives them.
func values(t *pglogrepl.TupleData) [][]byte {
	row := make([][]byte, len(t.Columns))
	for i, c := range t.Columns {
		if c.DataType == pglogrepl.TupleDataTypeText {
			row[i] = c.Data
			if row[i] == nil {
				row[i] = bytes.Clone([]byte{}) // an empty text is no null
			}
		}
	}
	return row
}
