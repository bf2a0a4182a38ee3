package mysql

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/tributary-search/tributary/runtime/connector"
)

// ValidateConfig checks that the database and the tables are there and may be
// read, without reading a row.
func (s *Source) ValidateConfig(ctx context.Context) error {
	c, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = c.close() }()
	tables, err := s.tables(ctx, c)
	if err != nil {
		return err
	}
	problems, err := s.unreadable(ctx, c, tables)
	if err != nil {
		return err
	}
	return append(problems, s.changeColumnProblems(tables)...).Err()
}

// unreadable tries each table.
func (s *Source) unreadable(ctx context.Context, c *session, tables []*table) (connector.Problems, error) {
	var denied, broken []string
	for _, t := range tables {
		err := c.query(ctx, newSelection(t).all()+" LIMIT 0", func(row) error { return nil })
		switch n := number(err); {
		case n == errTableAccess || n == errColumnAccess:
			denied = append(denied, t.name)
		case n != 0:
			broken = append(broken, fmt.Sprintf("%s: %v", t.name, err))
		case err != nil:
			return nil, s.wrap(s.explain(err))
		}
	}
	var problems connector.Problems
	add := func(message string) {
		problems = append(problems, connector.Problem{Pointer: "/tables", Label: "Comma-separated list of tables", Message: message})
	}
	if len(denied) > 0 {
		add(fmt.Sprintf("%s may not be read by %s; run: %s", strings.Join(denied, ", "), s.cfg.User, s.grant("SELECT", s.database())))
	}
	if len(broken) > 0 {
		add("can't be read: " + strings.Join(broken, "; "))
	}
	return problems, nil
}

// changeColumnProblems finds out whether any table has the change column.
func (s *Source) changeColumnProblems(tables []*table) connector.Problems {
	if s.cfg.ChangeColumn == "" || slices.ContainsFunc(tables, func(t *table) bool { return t.changeColumn(s.cfg.ChangeColumn) != nil }) {
		return nil
	}
	return connector.Problems{{Pointer: "/change_column", Label: "Change column", Message: "no table has a column " + s.cfg.ChangeColumn +
		" that is a number, a date or a time; leave the field empty, or add the column, such as: ALTER TABLE … ADD updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"}}
}

// AdvancedRulesValidators checks, in this order, that the queries only read,
// and that the server can run them.
func (s *Source) AdvancedRulesValidators() []connector.RulesValidator {
	return []connector.RulesValidator{
		func(_ context.Context, raw json.RawMessage) connector.Problems {
			_, problems := parseRules(raw)
			return problems
		},
		s.tryQueries,
	}
}

// tryQueries prepares and explains each query and looks at the columns of its
// result; no row is read.
func (s *Source) tryQueries(ctx context.Context, raw json.RawMessage) connector.Problems {
	queries, problems := parseRules(raw)
	if len(problems) > 0 || len(queries) == 0 {
		return nil // the check before said so
	}
	c, err := s.connect(ctx)
	if err != nil {
		return connector.Problems{{Message: err.Error()}}
	}
	defer func() { _ = c.close() }()
	if err := s.limit(ctx, c); err != nil {
		return connector.Problems{{Message: err.Error()}}
	}
	for _, q := range queries {
		if err := s.tryQuery(ctx, c, q); err != nil {
			problems = append(problems, q.problem(s.explain(err).Error()))
		}
	}
	return problems
}

func (s *Source) tryQuery(ctx context.Context, c *session, q query) error {
	known, err := s.open(ctx, c, q)
	if err != nil {
		return err
	}
	if err := c.prepares(ctx, q.text); err != nil {
		return err
	}
	err = c.query(ctx, "EXPLAIN "+q.text, func(row) error { return nil })
	if err != nil && number(err) != errExplainView {
		return err
	}
	return c.rows(ctx, "SELECT * FROM ("+q.text+"\n) AS q LIMIT 0", func(names []string, rows driver.Rows) error {
		_, err := newResult(q, known, names, rows)
		return err
	}, func(row) error { return nil })
}

// prepares lets the server read a statement: its errors name the place.
func (c *session) prepares(ctx context.Context, text string) error {
	statement, err := c.conn.(driver.ConnPrepareContext).PrepareContext(ctx, text)
	if err != nil {
		return err
	}
	return statement.Close()
}
