package postgresql

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/internal/sqldb"
)

// AdvancedRulesValidators checks on the server that tables are there, that the
// queries are SELECTs which it understands, and that their rows have ids.
func (s *Source) AdvancedRulesValidators() []connector.RulesValidator {
	return []connector.RulesValidator{s.checkRules}
}

func (s *Source) checkRules(ctx context.Context, raw json.RawMessage) connector.Problems {
	rules, _, err := advancedRules(connector.Filter{AdvancedRules: raw})
	if err != nil || len(rules) == 0 {
		return nil // the schema says so
	}
	c, err := s.connect(ctx)
	if err != nil {
		return asProblems(err)
	}
	defer c.close()
	if err := c.exec(ctx, begin); err != nil {
		return asProblems(s.explain(ctx, err))
	}
	_, problems, err := s.prepareRules(ctx, c, rules)
	if err != nil {
		return asProblems(s.wrapped(ctx, err))
	}
	return problems
}

func asProblems(err error) connector.Problems {
	var problems connector.Problems
	if errors.As(err, &problems) {
		return problems
	}
	return connector.Problems{{Message: err.Error()}}
}

// prepareRules looks at all rules. The error is one of the connection.
func (s *Source) prepareRules(ctx context.Context, c *session, rules AdvancedRules) (queries []query, problems connector.Problems, err error) {
	all, err := s.list(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	for i, rule := range rules {
		q := query{Rule: rule, number: i + 1}
		tables, missing := s.ruleTables(q, all)
		problems = append(problems, missing...)
		if len(missing) > 0 {
			continue
		}
		at, err := s.prepareQuery(ctx, c, &q, tables)
		switch {
		case err == nil:
			queries = append(queries, q)
		case ctx.Err() != nil, code(err) == "" && c.conn.IsClosed():
			return nil, nil, err
		default:
			problems = append(problems, q.problem(at, s.queryError(err).Error()+q.place(err)))
		}
		if err := c.exec(ctx, unmark); err != nil {
			return nil, nil, err
		}
	}
	return queries, problems, nil
}

func (q *query) problem(at, message string) connector.Problem {
	return connector.Problem{Pointer: fmt.Sprintf("/%d/%s", q.number-1, at), Message: message}
}

// ruleTables finds the tables that a rule names.
func (s *Source) ruleTables(q query, all []*table) (tables []*table, problems connector.Problems) {
	for i, name := range q.Tables {
		at := slices.IndexFunc(all, func(t *table) bool { return t.name == name })
		if at < 0 {
			problems = append(problems, q.problem(fmt.Sprintf("tables/%d", i), fmt.Sprintf("schema %s has no table %s; check the name and its case", s.cfg.Schema, name)))
			continue
		}
		tables = append(tables, all[at])
	}
	return tables, problems
}

// prepareQuery learns the columns of a query's result, and returns the member of
// the rule that an error is about.
func (s *Source) prepareQuery(ctx context.Context, c *session, q *query, tables []*table) (at string, err error) {
	if err := s.declare(ctx, c, q.Query); err != nil {
		return "query", err
	}
	described, err := c.conn.Prepare(ctx, "", q.Query, nil)
	if err != nil {
		return "query", err
	}
	if len(described.Fields) == 0 {
		return "query", errNoQuery
	}
	t := &table{name: joined(q.Tables), kind: view}
	var types []uint32
	for _, f := range described.Fields {
		t.columns = append(t.columns, column{name: f.Name, oid: f.DataTypeOID, modifier: f.TypeModifier})
		types = append(types, f.DataTypeOID)
	}
	var known typeCatalog
	if err := known.load(ctx, c, types); err != nil {
		return "query", err
	}
	for i := range t.columns {
		t.columns[i].typ = known.of(t.columns[i].oid, t.columns[i].modifier)
	}
	s.nameFields(q.Tables, t.columns)
	t.row = s.rowForm(t, sqldb.NewIDs(s.idPrefix(t.name), nil))
	t.row.table = list(q.Tables)
	q.table = t
	return s.ruleKey(ctx, c, q, tables)
}

// ruleKey finds the columns of the id.
func (s *Source) ruleKey(ctx context.Context, c *session, q *query, tables []*table) (at string, err error) {
	names, at := q.IDColumns, "id_columns"
	if len(names) == 0 {
		at = "query"
		slices.SortFunc(tables, func(a, b *table) int { return strings.Compare(a.name, b.name) })
		fresh := slices.DeleteFunc(slices.Clone(tables), func(t *table) bool { return t.columns != nil })
		if err := s.describe(ctx, c, fresh); err != nil {
			return at, err
		}
		for _, t := range tables {
			for _, k := range t.key {
				if !slices.Contains(names, t.columns[k].name) {
					names = append(names, t.columns[k].name)
				}
			}
		}
		if len(names) == 0 {
			return at, errors.New("its tables have no primary key: name columns of the result that tell its rows apart in id_columns")
		}
	}
	for _, name := range names {
		i := slices.IndexFunc(q.table.columns, func(c column) bool { return c.name == name })
		if i < 0 {
			return at, fmt.Errorf("the result has no column %s, which the id is made of: select it, or name other id_columns", name)
		}
		if slices.ContainsFunc(q.table.columns[i+1:], func(c column) bool { return c.name == name }) {
			return at, fmt.Errorf("the result has two columns %s, of which the id is made: give one of them another name with AS, or name other id_columns", name)
		}
		q.table.key = append(q.table.key, i)
	}
	return at, nil
}

// place is where in the query the server found an error.
func (q *query) place(err error) string {
	var refused *pgconn.PgError
	if !errors.As(err, &refused) || refused.Position == 0 {
		return ""
	}
	// The position counts characters of the whole statement.
	before := refused.Position - 1 - int32(utf8.RuneCountInString("DECLARE tributary NO SCROLL CURSOR FOR "))
	line, col := 1, 1
	for _, r := range q.Query {
		if before--; before < 0 {
			break
		}
		if col++; r == '\n' {
			line, col = line+1, 1
		}
	}
	return fmt.Sprintf(" (line %d, column %d of the query)", line, col)
}
