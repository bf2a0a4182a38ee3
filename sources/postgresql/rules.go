package postgresql

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tributary-search/tributary/runtime/connector"
)

// The query of a rule runs like the reading of a table: through a cursor, which
// takes one SELECT and no other statement, in a transaction that can't write
// and is rolled back, under a time limit.

// effects are functions that reach out of a transaction, or run the text of
// another query.
var effects = regexp.MustCompile(`(?i)\b(pg_sleep\w*|pg_read_\w+|pg_ls_\w+|pg_stat_file|pg_file_\w+|lo_\w+|loread|lowrite|dblink\w*|query_to_xml\w*|cursor_to_xml\w*|ts_stat|` +
	`set_config|nextval|setval|pg_(?:terminate|cancel)_backend|pg_(?:try_)?advisory_\w+|pg_reload_conf|pg_rotate_logfile\w*|pg_switch_wal|pg_wal_\w+|pg_notify|` +
	`pg_logical_\w+|pg_replication_\w+|pg_(?:create|drop|copy)_\w*slot|pg_create_restore_point|pg_promote|pg_export_snapshot|pg_stat_\w*reset\w*|pg_log_\w+|` +
	`pg_start_backup|pg_stop_backup|pg_backup_\w+|pg_import_\w+|crosstab\w*|connectby|xpath_table)"?\s*\(`)

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
	if err := reachesOut(text); err != nil {
		return err
	}
	statement := "DECLARE tributary NO SCROLL CURSOR FOR " + text
	if err := c.query(ctx, statement, ignore); err != nil { // one statement only, unlike exec
		return err
	}
	var plan strings.Builder // calls stand there without comments and escapes
	err = c.query(ctx, "EXPLAIN (VERBOSE, COSTS OFF) "+text, func(row [][]byte) error {
		plan.Write(append(row[0], '\n'))
		return nil
	})
	if err != nil {
		return err
	}
	return reachesOut(plan.String())
}

// reachesOut is the error of a text that calls one of the effects.
func reachesOut(text string) error {
	if name := effects.FindStringSubmatch(text); name != nil {
		return fmt.Errorf("the function %s reaches out of the query, which rules may not; take it out", name[1])
	}
	return nil
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
