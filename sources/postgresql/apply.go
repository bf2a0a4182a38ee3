package postgresql

import (
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
	places map[uint32][]int // by oid, for relations that the stream has described: column of each value
	time   time.Time        // of the transaction's commit
	held   *connector.Change
	// reached is the end of the last transaction that was emitted.
	reached pglogrepl.LSN
	failed  error // what emit returned
}

func newApplier(s *Source, c *session, at cursor, tables []*table, emit func(connector.Change) error) *applier {
	a := &applier{Source: s, conn: c, cursor: at, emit: emit, tables: map[uint32]*rows{}, places: map[uint32][]int{}, reached: at.lsn()}
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
		if places := a.places[m.RelationID]; places != nil {
			r := a.tables[m.RelationID]
			return a.put(ctx, r, widen(m.Tuple, places, len(r.columns)))
		}
	case *pglogrepl.UpdateMessage:
		if places := a.places[m.RelationID]; places != nil {
			r := a.tables[m.RelationID]
			return a.update(ctx, r, widen(m.NewTuple, places, len(r.columns)), widen(m.OldTuple, places, len(r.columns)))
		}
	case *pglogrepl.DeleteMessage:
		if places := a.places[m.RelationID]; places != nil {
			r := a.tables[m.RelationID]
			return a.delete(r.documentID(values(widen(m.OldTuple, places, len(r.columns)))))
		}
	}
	return nil
}

// relation compares a table as it was when a row changed with what it is now.
// Columns that are computed may be left out.
func (a *applier) relation(m *pglogrepl.RelationMessage) error {
	r := a.tables[m.RelationID]
	if r == nil {
		return nil // not one of ours
	}
	places := make([]int, 0, len(m.Columns))
	for i, col := range r.columns {
		at := len(places)
		switch {
		case at < len(m.Columns) && m.Columns[at].Name == col.name && m.Columns[at].DataType == col.oid && m.Columns[at].TypeModifier == col.modifier:
			places = append(places, i)
		case !col.computed:
			return lost("the columns of table %s were changed, or the publication leaves some out", r.name)
		}
	}
	if len(places) != len(m.Columns) || m.RelationName != r.name {
		return lost("table %s was changed", r.name)
	}
	a.places[m.RelationID] = places
	return nil
}

// widen puts values where their columns are. What is not in the log is a value
// that is not known.
func widen(t *pglogrepl.TupleData, places []int, width int) *pglogrepl.TupleData {
	if t == nil || len(t.Columns) == width {
		return t
	}
	wide := &pglogrepl.TupleData{Columns: make([]*pglogrepl.TupleDataColumn, width)}
	for i := range wide.Columns {
		wide.Columns[i] = &pglogrepl.TupleDataColumn{DataType: pglogrepl.TupleDataTypeToast}
	}
	for i, c := range t.Columns {
		wide.Columns[places[i]] = c
	}
	return wide
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
func (a *applier) update(ctx context.Context, r *rows, tuple, old *pglogrepl.TupleData) error {
	if old == nil {
		return a.put(ctx, r, tuple)
	}
	tuple = merge(tuple, old)
	before := r.documentID(values(old))
	if before != r.documentID(values(tuple)) {
		if err := a.delete(before); err != nil {
			return err
		}
	}
	return a.put(ctx, r, tuple)
}

// put emits a row. Large values that an update left alone, and those that are
// computed, are not in the stream: the row is read again.
func (a *applier) put(ctx context.Context, r *rows, tuple *pglogrepl.TupleData) error {
	row := values(tuple)
	if !slices.ContainsFunc(tuple.Columns, unchangedColumn) {
		return a.hold(connector.Change{Document: a.document(r, row)})
	}
	// One that is gone since, or got another key, is told by a later change.
	err := a.conn.query(ctx, a.byKey(r, row), func(now [][]byte) error {
		return a.hold(connector.Change{Document: a.document(r, now)})
	})
	if err != nil && a.failed == nil {
		return a.explain(ctx, fmt.Errorf("read a row of table %s again: %w", r.name, err))
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
	conditions := make([]string, len(r.table.key))
	for i, k := range r.table.key {
		conditions[i] = quote(r.columns[k].name) + " =" + literal(string(row[k]))
	}
	return a.selection(r.table) + " WHERE " + strings.Join(conditions, " AND ")
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
	at.LSN, a.reached = end.String(), end
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
			if c.Data == nil {
				row[i] = []byte{} // an empty text is no null
			}
		}
	}
	return row
}
