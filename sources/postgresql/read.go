package postgresql

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/internal/sqldb"
)

// A full sync reads all tables in one transaction that sees the database as it
// was at its start and can't write. Each table is read through a cursor within
// a savepoint: rolling back to it gives the lock on the table back, so that
// nobody who wants to alter it waits for the end of the sync.
const (
	begin    = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
	rollback = "ROLLBACK"
	mark     = "SAVEPOINT tributary"
	unmark   = "ROLLBACK TO SAVEPOINT tributary"
)

// reading is one run of GetDocs over tables.
type reading struct {
	*Source
	emit   func(connector.Document) error
	done   map[string]bool // tables that were read to their end
	failed []error         // of tables that could not be read
	index  error           // what emit returned
}

// readTables reads the configured tables. What fails for a passing reason goes
// on with the table that was being read, in a new snapshot: its first rows are
// then emitted twice.
func (s *Source) readTables(ctx context.Context, emit func(connector.Document) error) error {
	r := &reading{Source: s, done: map[string]bool{}}
	r.emit = func(d connector.Document) error {
		r.index = emit(d)
		return r.index
	}
	again := func(err error) bool {
		var known *explained
		if r.index != nil || errors.As(err, &known) || !passes(err) { // to connect was tried again already
			return false
		}
		s.deps.Log.Info("reading goes on in a new snapshot", "because", reason(err))
		return true
	}
	err := sqldb.Retry(ctx, int(s.cfg.RetryCount), again, func() error { return r.snapshot(ctx) })
	switch {
	case r.index != nil:
		return r.index
	case err != nil:
		return s.wrapped(ctx, err)
	case len(r.failed) > 0:
		return fmt.Errorf("%d tables could not be read, so nothing is deleted; the first: %w", len(r.failed), r.failed[0])
	}
	return nil
}

// wrapped explains an error that may be explained already.
func (s *Source) wrapped(ctx context.Context, err error) error {
	var known *explained
	var problems connector.Problems
	if ctx.Err() == nil && (errors.As(err, &known) || errors.As(err, &problems)) {
		return err
	}
	return s.explain(ctx, err)
}

// snapshot reads all tables that are not done.
func (r *reading) snapshot(ctx context.Context) error {
	c, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer c.close()
	if err := c.exec(ctx, begin); err != nil {
		return err
	}
	tables, err := r.tables(ctx, c)
	if err != nil {
		return err
	}
	for _, t := range tables {
		if r.done[t.name] || len(t.columns) == 0 { // rows without columns could not be told apart
			continue
		}
		err := r.table(ctx, c, t)
		switch {
		case err == nil:
		case r.index != nil || code(err) == "" || passes(err):
			return err // the connection is gone, or the snapshot of no use
		default:
			r.failed = append(r.failed, r.tableError(ctx, t, err))
		}
		r.done[t.name] = true
		if err := c.exec(ctx, unmark); err != nil {
			return err
		}
	}
	return c.exec(ctx, rollback)
}

// tableError says which privilege is missing on which table.
func (r *reading) tableError(ctx context.Context, t *table, err error) error {
	if code(err) != codeNoPrivilege {
		return fmt.Errorf("table %s: %w", t.name, r.explain(ctx, err))
	}
	return r.wrap(fmt.Errorf("table %s may not be read by %s; run: %s", t.name, r.cfg.Username, r.grant(t.name)))
}

// table emits the rows of one table.
func (r *reading) table(ctx context.Context, c *session, t *table) error {
	if len(t.key) == 0 {
		r.deps.Log.Warn("a table without a key: ids are hashes of whole rows, so that rows that are alike are one document",
			"table", t.name, "remedy", "give it a primary key")
	}
	err := c.exec(ctx, mark+"; DECLARE tributary NO SCROLL CURSOR FOR "+r.selection(t))
	if err == nil {
		err = r.unchanged(ctx, c, t)
	}
	if err != nil {
		return changedAway(err)
	}
	out := newRows(t)
	defer out.warn(r.deps.Log)
	return c.fetch(ctx, r.cfg.FetchSize, func(values [][]byte) error {
		doc := out.document(values)
		if t.stamped {
			doc.UpdatedAt = stamp(values[len(t.columns)])
		}
		return r.emit(doc)
	})
}

// selection is the query of a table's rows.
func (s *Source) selection(t *table) string {
	names := make([]string, len(t.columns), len(t.columns)+1)
	for i, col := range t.columns {
		names[i] = quote(col.name)
	}
	if t.stamped {
		names = append(names, "pg_catalog.pg_xact_commit_timestamp(xmin)")
	}
	only := ""
	if t.kind == ordinary {
		only = "ONLY " // tables that inherit from it are read as themselves
	}
	return "SELECT " + strings.Join(names, ", ") + " FROM " + only + s.qualified(t.name)
}

// sameFiles compares the files of a table and its partitions in the snapshot
// with those of now.
const sameFiles = `SELECT coalesce(bool_and(coalesce(pg_catalog.pg_relation_filenode(oid), 0) = relfilenode), true)
	FROM pg_catalog.pg_class WHERE relfilenode <> 0 AND (oid = $1::pg_catalog.oid
		OR $2 AND oid IN (SELECT relid FROM pg_catalog.pg_partition_tree($1::pg_catalog.oid::pg_catalog.regclass)))`

// unchanged looks whether a table, which is locked now, is still in the files of
// the snapshot: one that was truncated or rewritten meanwhile would look empty.
func (r *reading) unchanged(ctx context.Context, c *session, t *table) error {
	same, err := c.one(ctx, sameFiles, strconv.FormatUint(uint64(t.oid), 10), strconv.FormatBool(t.kind == partitioned))
	if err == nil && same != "t" {
		return errStale
	}
	return err
}

// changedAway tells that a table or column of the snapshot is there no more.
func changedAway(err error) error {
	switch code(err) {
	case codeNoTable, codeNoColumn, codeNoSchema, "XX000":
		return errors.Join(errStale, err)
	}
	return err
}

// fetch calls each for every row of the open cursor. The next rows are asked
// for when those before are read, so that an index that is slow holds up the
// server, not the memory. After an error of each the connection is of no use:
// rows are on their way.
func (c *session) fetch(ctx context.Context, size int64, each func([][]byte) error) error {
	statement := "FETCH FORWARD " + strconv.FormatInt(size, 10) + " FROM tributary"
	for {
		n := int64(0)
		rows := c.conn.ExecParams(ctx, statement, nil, nil, nil, nil)
		for ; rows.NextRow(); n++ {
			if err := each(rows.Values()); err != nil {
				return err
			}
		}
		if _, err := rows.Close(); err != nil || n < size {
			return err
		}
	}
}
