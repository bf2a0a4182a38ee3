package postgresql

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/internal/sqldb"
)

// The query of a rule runs like the reading of a table: through a cursor, which
// takes one SELECT and no other statement, in a transaction that can't write
// and is rolled back, under a time limit.

// effects are functions that reach out of a transaction.
var effects = regexp.MustCompile(`(?i)\b(pg_sleep\w*|pg_read_\w+|pg_ls_\w+|pg_stat_file|pg_file_\w+|lo_\w+|dblink\w*|query_to_xml\w*|set_config|nextval|setval|` +
	`pg_(?:terminate|cancel)_backend|pg_(?:try_)?advisory_\w+|pg_reload_conf|pg_rotate_logfile|pg_switch_wal|pg_notify|pg_logical_\w+|` +
	`pg_replication_\w+|pg_(?:create|drop|copy)_\w*slot|pg_promote|pg_export_snapshot|pg_stat_reset\w*|pg_start_backup|pg_backup_\w+)"?\s*\(`)

var errNoQuery = errors.New("it is no SELECT that has columns")

// query is a rule that the server has looked at.
type query struct {
	Rule
	number int // from 1
	table  *table
}

// readQueries emits the rows of all rules' queries.
func (s *Source) readQueries(ctx context.Context, rules AdvancedRules, emit func(connector.Document) error) error {
	c, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer c.close()
	if err := c.exec(ctx, begin); err != nil {
		return s.explain(ctx, err)
	}
	queries, problems, err := s.prepareRules(ctx, c, rules)
	if err == nil {
		err = problems.Err()
	}
	if err != nil {
		return s.wrapped(ctx, err)
	}
	for _, q := range queries {
		var failed error
		err := s.runQuery(ctx, c, q, func(d connector.Document) error {
			failed = emit(d)
			return failed
		})
		switch {
		case failed != nil:
			return failed
		case err != nil && ctx.Err() == nil:
			return s.wrap(fmt.Errorf("advanced rule %d: %w", q.number, s.queryError(err)))
		case err != nil:
			return context.Cause(ctx)
		}
	}
	return s.explain(ctx, c.exec(ctx, rollback))
}

func (s *Source) runQuery(ctx context.Context, c *session, q query, emit func(connector.Document) error) error {
	if err := s.declare(ctx, c, q.Query); err != nil {
		return err
	}
	out := newRows(q.table)
	defer out.warn(s.deps.Log)
	spent, since := time.Duration(0), time.Now()
	limit := time.Duration(s.cfg.QueryTimeout) * time.Second
	err := c.fetch(ctx, s.cfg.FetchSize, func(values [][]byte) error {
		if spent += time.Since(since); limit > 0 && spent > limit { // the server's limit is for each page
			return &pgconn.PgError{Code: codeCanceled}
		}
		err := q.empty(values)
		if err == nil {
			err = emit(out.document(values))
		}
		since = time.Now()
		return err
	})
	if err != nil {
		return err
	}
	return c.exec(ctx, unmark)
}

// empty refuses a row whose id would be that of every such row.
func (q *query) empty(values [][]byte) error {
	for _, k := range q.table.key {
		if values[k] != nil {
			return nil
		}
	}
	return fmt.Errorf("a row has no value in %s: name id_columns that are never null", strings.Join(q.idColumns(), ", "))
}

func (q *query) idColumns() []string {
	names := make([]string, len(q.table.key))
	for i, k := range q.table.key {
		names[i] = q.table.columns[k].name
	}
	return names
}

// declare plans a query. It takes what a cursor takes.
func (s *Source) declare(ctx context.Context, c *session, text string) error {
	err := c.exec(ctx, mark+fmt.Sprintf("; SET LOCAL statement_timeout = '%ds'", s.cfg.QueryTimeout))
	if err != nil {
		return err
	}
	if name := effects.FindStringSubmatch(text); name != nil {
		return fmt.Errorf("the function %s reaches out of the query, which rules may not; take it out", name[1])
	}
	statement := "DECLARE tributary NO SCROLL CURSOR FOR " + text
	return c.query(ctx, statement, ignore) // one statement only, unlike exec
}

// queryError says what to do about an error of a query.
func (s *Source) queryError(err error) error {
	switch code(err) {
	case "":
		return err
	case codeCanceled:
		return fmt.Errorf("the query ran longer than %d s; make it faster, or raise query_timeout", s.cfg.QueryTimeout)
	case codeReadOnly:
		return fmt.Errorf("%s; rules may only read", reason(err))
	}
	if remedy := s.remedy(err); remedy != "" {
		return fmt.Errorf("%s; %s", reason(err), remedy)
	}
	return errors.New(reason(err))
}

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
