package mysql

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tributary-search/tributary/runtime/connector"
)

// overlap is how long before the greatest time that was seen a change may have
// been made whose transaction was committed later.
const overlap = "60 SECOND"

// changeColumn returns the table's column of that name, if it can be compared.
func (t *table) changeColumn(name string) *column {
	i := slices.IndexFunc(t.columns, func(c column) bool { return strings.EqualFold(c.name, name) })
	if i < 0 || t.view {
		return nil
	}
	switch t.columns[i].kind {
	case integerKind, unsignedKind, numberKind, decimalKind, dateKind, datetimeKind, timestampKind:
		return &t.columns[i]
	}
	return nil
}

// columnPosition is the greatest value of the change column in each table.
func (s *Source) columnPosition(ctx context.Context, c *session, tables []*table) (cursor, error) {
	at := cursor{Tables: shape(tables), Columns: map[string]string{}}
	for _, t := range tables {
		if t.changeColumn(s.cfg.ChangeColumn) == nil {
			continue
		}
		value, err := c.greatest(ctx, t, t.changeColumn(s.cfg.ChangeColumn))
		if err != nil {
			return at, err
		}
		at.Columns[t.name] = value
	}
	return at, nil
}

// greatest returns the greatest value as SQL; empty: the table has none.
func (c *session) greatest(ctx context.Context, t *table, of *column) (value string, err error) {
	err = c.query(ctx, "SELECT MAX("+quote(of.name)+") FROM "+t.quoted(), func(r row) error {
		if r[0] != nil {
			value = string(of.literal(nil, r[0]))
		}
		return nil
	})
	return value, err
}

// columnChanges emits the rows whose change column is not below its value in a
// position: the last ones again, for others may have got the same value since.
func (s *Source) columnChanges(ctx context.Context, from cursor, emit func(connector.Change) error) (cursor, error) {
	c, err := s.connect(ctx)
	if err != nil {
		return from, err
	}
	defer func() { _ = c.close() }()
	if err := c.begin(ctx); err != nil {
		return from, err
	}
	tables, err := s.tables(ctx, c)
	if err != nil {
		return from, err
	}
	if shape(tables) != from.Tables {
		return from, lost("tables were added or dropped, or their columns were changed")
	}
	to, err := s.columnPosition(ctx, c, tables)
	if err != nil {
		return from, err
	}
	r := &reading{Source: s, emit: func(d connector.Document) error { return emit(connector.Change{Document: d}) }}
	defer func() { r.losses.report(s.deps.Log) }()
	for _, t := range tables {
		of := t.changeColumn(s.cfg.ChangeColumn)
		if of == nil || to.Columns[t.name] == "" {
			continue
		}
		w := newWriter(newSelection(t), &r.losses)
		statement := w.all() + of.since(from.Columns[t.name])
		if err := c.query(ctx, statement, func(row row) error { return r.take(ctx, w, row) }); err != nil {
			return from, fmt.Errorf("read changed rows of table %s: %w", t.name, err)
		}
	}
	return to, nil
}

// since is the condition of rows that may be new.
func (c *column) since(value string) string {
	switch {
	case value == "":
		return ""
	case c.kind == dateKind || c.kind == datetimeKind || c.kind == timestampKind:
		return " WHERE " + quote(c.name) + ">=" + value + "-INTERVAL " + overlap
	}
	return " WHERE " + quote(c.name) + ">=" + value
}
