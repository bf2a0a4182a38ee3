package mysql

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/internal/sqldb"
)

// tableField is the field with the name of a row's table.
const tableField = "Table"

// table is a table or a view.
type table struct {
	database, name string
	view           bool
	engine         string // in lower case
	columns        []column
	key            []int // indexes of the columns that tell rows apart; none: there is no key
	// pages reports whether the key's index sorts whole values, so that the
	// table can be read page by page along it.
	pages bool
	ids   sqldb.IDs
}

// quoted is the table's name in SQL.
func (t *table) quoted() string { return quote(t.database) + "." + quote(t.name) }

// tables returns the configured tables.
func (s *Source) tables(ctx context.Context, c *session) ([]*table, error) {
	all, err := c.catalog(ctx, s.cfg.Database)
	if err != nil {
		return nil, s.wrap(s.explain(err))
	}
	names := make([]string, 0, len(all))
	byName := make(map[string]*table, len(all))
	for _, t := range all {
		if !t.view || s.cfg.IncludeViews {
			names = append(names, t.name)
			byName[t.name] = t
		}
	}
	selected, unknown := sqldb.Select(s.cfg.Tables, names)
	if len(unknown) > 0 {
		return nil, connector.Problems{{Pointer: "/tables", Label: "Comma-separated list of tables", Message: s.missing(unknown, all)}}
	}
	tables := make([]*table, len(selected))
	for i, name := range selected {
		tables[i] = byName[name]
	}
	return tables, nil
}

// missing says that tables are not there, or not to be seen, and what to do.
func (s *Source) missing(unknown []string, all []*table) string {
	views := 0
	for _, t := range all {
		if t.view && slices.Contains(unknown, t.name) {
			views++
		}
	}
	if views > 0 && views == len(unknown) {
		return fmt.Sprintf("%s: views are read only with include_views", strings.Join(unknown, ", "))
	}
	return fmt.Sprintf("database %s has no table %s that %s may read; check the names and their case, or run: %s",
		s.cfg.Database, strings.Join(unknown, ", "), s.cfg.User, s.grant("SELECT", s.database()))
}

const (
	listTables = "SELECT TABLE_NAME, TABLE_TYPE, LOWER(COALESCE(ENGINE,'')) FROM information_schema.TABLES " +
		"WHERE TABLE_SCHEMA = ? AND TABLE_TYPE IN ('BASE TABLE','VIEW','SYSTEM VERSIONED') ORDER BY TABLE_NAME"
	listColumns = "SELECT TABLE_NAME, COLUMN_NAME, LOWER(DATA_TYPE), LOWER(COLUMN_TYPE), LOWER(COALESCE(CHARACTER_SET_NAME,'')), " +
		"COALESCE(CHARACTER_OCTET_LENGTH,0), COALESCE(NUMERIC_PRECISION,0), COALESCE(NUMERIC_SCALE,0), COALESCE(DATETIME_PRECISION,0), EXTRA, COLUMN_TYPE " +
		"FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME, ORDINAL_POSITION"
	listKeys = "SELECT TABLE_NAME, INDEX_NAME, COALESCE(COLUMN_NAME,''), COALESCE(SUB_PART,0), IF(NULLABLE='YES',1,0) " +
		"FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? AND NON_UNIQUE = 0 AND INDEX_TYPE <> 'FULLTEXT' " +
		"ORDER BY TABLE_NAME, INDEX_NAME <> 'PRIMARY', INDEX_NAME, SEQ_IN_INDEX"
)

// catalog returns the tables and views of a database that the user may see.
func (c *session) catalog(ctx context.Context, database string) ([]*table, error) {
	var tables []*table
	byName := map[string]*table{}
	err := c.query(ctx, listTables, func(r row) error {
		t := &table{database: database, name: text(r[0]), view: text(r[1]) == "VIEW", engine: text(r[2])}
		tables = append(tables, t)
		byName[t.name] = t
		return nil
	}, database)
	if err == nil {
		err = c.query(ctx, listColumns, func(r row) error {
			if t := byName[text(r[0])]; t != nil {
				t.columns = append(t.columns, newColumn(r))
			}
			return nil
		}, database)
	}
	if err == nil {
		err = c.keys(ctx, database, byName)
	}
	if err != nil {
		return nil, err
	}
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = t.name
	}
	for _, t := range tables {
		t.ids = sqldb.NewIDs(t.name, names)
		t.nameFields()
	}
	return tables, nil
}

// index is a unique index on its way to become a key.
type index struct {
	name    string
	columns []int
	prefix  bool // of some column only the beginning counts
	useless bool // some column may be null, or is an expression
}

func (c *session) keys(ctx context.Context, database string, byName map[string]*table) error {
	best := map[*table]index{}
	var of *table
	var at index
	settle := func() {
		if of == nil || at.useless {
			return
		}
		if chosen, there := best[of]; !there || chosen.name != "PRIMARY" && len(at.columns) < len(chosen.columns) {
			best[of] = at
		}
	}
	err := c.query(ctx, listKeys, func(r row) error {
		t, name := byName[text(r[0])], text(r[1])
		if t != of || name != at.name {
			settle()
			of, at = t, index{name: name}
		}
		if t == nil {
			return nil
		}
		i := slices.IndexFunc(t.columns, func(c column) bool { return strings.EqualFold(c.name, text(r[2])) })
		at.columns = append(at.columns, i)
		at.prefix = at.prefix || text(r[3]) != "0"
		at.useless = at.useless || i < 0 || text(r[4]) == "1"
		return nil
	}, database)
	settle()
	for t, chosen := range best {
		t.key, t.pages = chosen.columns, !chosen.prefix
	}
	return err
}

// nameFields decides the names of the fields.
func (t *table) nameFields() {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.name
	}
	for i, field := range sqldb.FieldNames(names, tableField) {
		t.columns[i].field = field
	}
}

// fieldTypes adds the types of the table's fields under the names that the
// runtime gives them.
func (t *table) fieldTypes(types map[string]connector.FieldType) {
	d := connector.NewDocument("")
	defer d.Release()
	for _, c := range t.columns {
		if c.hidden {
			continue
		}
		before := len(d.Renamed())
		d.SetRaw(c.field, nil)
		name := c.field
		if renamed := d.Renamed(); len(renamed) > before {
			name = renamed[before].To
		}
		if other, there := types[name]; there && other != c.fieldType() {
			types[name] = connector.Text // takes every value
			continue
		}
		types[name] = c.fieldType()
	}
}
