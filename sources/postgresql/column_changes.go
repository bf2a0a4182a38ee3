package postgresql

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
)

// lookBack is how far before a position changed rows are looked for: a
// transaction writes its time at its start and is seen at its end. Rows that
// were read before are sent once more. A column without time zone may be in any.
const (
	lookBack = 10 * time.Minute
	anyZone  = 14 * time.Hour
)

// changedRows emits the rows whose change column is later than a position.
// Deletions leave no trace there.
func (s *Source) changedRows(ctx context.Context, c *session, was cursor, tables []*table, emit func(connector.Change) error) error {
	if err := c.exec(ctx, begin); err != nil {
		return s.explain(ctx, err)
	}
	for _, t := range tables {
		from := was.Time.Add(-lookBack)
		if !t.dated(s.cfg.ChangeColumn) {
			s.deps.Log.Warn("full syncs alone see the changes of a table without the change column", "table", t.name, "column", s.cfg.ChangeColumn)
			continue
		}
		if t.zoneless(s.cfg.ChangeColumn) {
			from = from.Add(-anyZone)
		}
		if err := s.changedRowsOf(ctx, c, t, from, emit); err != nil {
			return err
		}
	}
	return s.explain(ctx, c.exec(ctx, rollback))
}

func (s *Source) changedRowsOf(ctx context.Context, c *session, t *table, from time.Time, emit func(connector.Change) error) error {
	var failed error
	out := newRows(t)
	defer out.warn(s.deps.Log)
	err := c.exec(ctx, mark+"; DECLARE tributary NO SCROLL CURSOR FOR "+s.selection(t)+" WHERE "+quote(s.cfg.ChangeColumn)+" >="+literal(from.UTC().Format("2006-01-02 15:04:05.999999-07")))
	if err == nil {
		err = c.fetch(ctx, s.cfg.FetchSize, func(values [][]byte) error {
			doc := out.document(values)
			if t.stamped {
				doc.UpdatedAt = stamp(values[len(t.columns)])
			}
			failed = emit(connector.Change{Document: doc})
			return failed
		})
	}
	switch {
	case failed != nil:
		return failed
	case err != nil:
		return s.explain(ctx, fmt.Errorf("table %s: %w", t.name, err))
	}
	return s.explain(ctx, c.exec(ctx, unmark))
}

// dated reports whether a column holds times, and rows have ids that stay.
func (t *table) dated(name string) bool {
	return len(t.key) > 0 && slices.ContainsFunc(t.columns, func(c column) bool {
		return c.name == name && c.typ.field == connector.Date
	})
}

func (t *table) zoneless(name string) bool {
	return slices.ContainsFunc(t.columns, func(c column) bool { return c.name == name && c.oid != timestamptzOID })
}

// timestamptzOID is the type "timestamp with time zone".
const timestamptzOID = 1184
