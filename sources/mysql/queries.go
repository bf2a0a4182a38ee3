package mysql

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/internal/sqldb"
)

// readQueries emits the rows of the queries, all as they were at one moment.
// What was emitted before a lost connection is emitted again.
func (s *Source) readQueries(ctx context.Context, queries []query, emit func(connector.Document) error) error {
	r := &reading{Source: s, emit: emit}
	defer func() { r.losses.report(s.deps.Log) }()
	return sqldb.Retry(ctx, int(s.cfg.RetryCount), passesHere, func() error {
		c, err := s.connect(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = c.close() }()
		if err := s.limit(ctx, c); err != nil {
			return err
		}
		for _, q := range queries {
			if err := r.readQuery(ctx, c, q); err != nil {
				return s.wrap(fmt.Errorf("%s: %w", q.name, s.explain(err)))
			}
		}
		return nil
	})
}

// limit makes the session's statements end after a time, and its transaction
// read only and of one moment.
func (s *Source) limit(ctx context.Context, c *session) error {
	limit := "SET SESSION max_execution_time=" + strconv.FormatInt(s.cfg.QueryTimeout*1000, 10)
	if c.mariaDB {
		limit = "SET SESSION max_statement_time=" + strconv.FormatInt(s.cfg.QueryTimeout, 10)
	}
	if err := c.exec(ctx, limit); err != nil {
		return s.wrap(s.explain(err))
	}
	if err := c.begin(ctx); err != nil {
		return s.wrap(s.explain(err))
	}
	return nil
}

func (r *reading) readQuery(ctx context.Context, c *session, q query) error {
	known, err := r.open(ctx, c, q)
	if err != nil {
		return err
	}
	var w *writer
	return c.rows(ctx, q.text, func(names []string, rows driver.Rows) error {
		result, err := newResult(q, known, names, rows)
		if err == nil {
			w = newWriter(result, &r.losses)
			w.name = q.tableField()
		}
		return err
	}, func(row row) error {
		if err := w.identified(row); err != nil {
			return err
		}
		return r.take(ctx, w, row)
	})
}

// origin is what is known of the tables of a query.
type origin struct {
	ids     []string // names of the columns that tell rows of the result apart
	columns []column
}

// open makes the query's database the current one and looks at its tables.
func (s *Source) open(ctx context.Context, c *session, q query) (o origin, err error) {
	database := q.database
	if database == "" {
		database = s.cfg.Database
	}
	if err := c.exec(ctx, "USE "+quote(database)); err != nil {
		return o, fmt.Errorf("database %s: %w", database, s.explain(err))
	}
	catalog, err := c.catalog(ctx, database)
	if err != nil {
		return o, err
	}
	var missing []string
	for _, name := range q.tables {
		i := slices.IndexFunc(catalog, func(t *table) bool { return t.name == name })
		switch {
		case i < 0:
			missing = append(missing, name)
		case len(q.ids) == 0 && len(catalog[i].key) == 0:
			return o, fmt.Errorf("%s has no key that tells its rows apart: name columns of the result in id_columns", name)
		default:
			o.add(catalog[i])
		}
	}
	if len(missing) > 0 {
		return o, fmt.Errorf("database %s has no table %s that %s may read; check the names and their case, or run: %s",
			database, strings.Join(missing, ", "), s.cfg.User, s.grant("SELECT", quote(database)+".*"))
	}
	if len(q.ids) > 0 {
		o.ids = q.ids
	}
	return o, nil
}

func (o *origin) add(t *table) {
	o.columns = append(o.columns, t.columns...)
	for _, k := range t.key {
		if !slices.Contains(o.ids, t.columns[k].name) {
			o.ids = append(o.ids, t.columns[k].name)
		}
	}
}

// tableField is the value of the field Table: the table or the list of them.
func (q query) tableField() []byte {
	if len(q.tables) == 1 {
		return connector.AppendString(nil, q.tables[0])
	}
	var d connector.Document
	defer d.Release()
	d.Set("t", q.tables)
	return append([]byte(nil), d.Fields()[len(`"t":`):]...)
}

// newResult describes the columns of a query's result.
func newResult(q query, o origin, names []string, rows driver.Rows) (*selection, error) {
	s := &selection{table: &table{name: q.name, ids: sqldb.NewIDs(strings.Join(q.tables, "_"), nil)}}
	for i, name := range names {
		if slices.Index(names, name) < i {
			return nil, fmt.Errorf("the result has two columns named %s: give one of them another name with AS", name)
		}
		c := o.column(name, i, rows)
		switch c.kind {
		case shapeKind:
			return nil, fmt.Errorf("column %s of the result is a geometry: select ST_AsText(%s) AS %s", name, name, name)
		case bitsKind, flagKind:
			if c.length == 0 {
				return nil, fmt.Errorf("column %s of the result is a BIT of unknown length: select %s+0 AS %s", name, name, name)
			}
		}
		s.columns = append(s.columns, c)
	}
	s.nameFields()
	for i, c := range s.columns {
		s.shown = append(s.shown, shown{c, i})
	}
	for _, id := range o.ids {
		i := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, id) })
		if i < 0 {
			return nil, fmt.Errorf("the result has no column %s, which tells its rows apart: select it, or name others in id_columns", id)
		}
		s.keyed = append(s.keyed, keyed{column: s.columns[i], text: i, sort: i})
	}
	return s, nil
}

// column is a column by what the server says about a result, and by the column
// of that name in the tables.
func (o origin) column(name string, i int, rows driver.Rows) column {
	sqlType := strings.ToLower(rows.(driver.RowsColumnTypeDatabaseTypeName).ColumnTypeDatabaseTypeName(i))
	sqlType, unsigned := strings.CutPrefix(sqlType, "unsigned ")
	c := column{name: name, dataType: sqlType, unsigned: unsigned, kind: kinds[sqlType]}
	switch {
	case sqlType == "bigint" && unsigned:
		c.kind = unsignedKind
	case sqlType == "bit":
		c.kind = bitsKind
		if i := slices.IndexFunc(o.columns, func(c column) bool { return c.name == name && c.dataType == sqlType }); i >= 0 {
			c.kind, c.length = o.columns[i].kind, o.columns[i].length
		}
	case sqlType == "decimal":
		c.kind = decimalKind
		if digits, _, ok := rows.(driver.RowsColumnTypePrecisionScale).ColumnTypePrecisionScale(i); ok && digits <= exactDigits {
			c.kind = numberKind
		}
	}
	return c
}

var errNoID = errors.New("a row has no value in the columns that tell rows apart: leave such rows out with WHERE, or name others in id_columns")

// identified refuses a row whose id columns are all NULL.
func (w *writer) identified(r row) error {
	for _, k := range w.keyed {
		if r[k.text] != nil {
			return nil
		}
	}
	return errNoID
}
