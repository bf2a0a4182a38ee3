package postgresql

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/internal/sqldb"
)

// Kinds of relations, as the catalogue names them.
const (
	ordinary     = 'r'
	partitioned  = 'p'
	view         = 'v'
	materialized = 'm'
	foreign      = 'f'
)

// table is a relation whose rows become documents, or the result of a query.
type table struct {
	oid       uint32
	name      string // of a query: the tables' names
	kind      byte
	partition bool // of another table, through which it is read
	stored    byte // p: permanently; u: not logged
	identity  byte // which columns a deletion is logged with: see [table.traceable]
	columns   []column
	key       []int // indexes of the columns that tell rows apart; none: there is no key
	primary   bool  // the key is the primary key, and the log names it
	stamped   bool  // the server knows when rows were committed
	row       rowForm
}

// column is one column of a table.
type column struct {
	name     string
	field    string // its name in documents
	oid      uint32
	modifier int32
	notNull  bool
	computed bool // from other columns, and not in the log
	typ      typ
}

const (
	listTables = `SELECT c.oid, c.relname, c.relkind, c.relispartition, c.relpersistence, c.relreplident
	FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY c.relname`
	listColumns = `SELECT attrelid, attname, atttypid, atttypmod, attnotnull, attgenerated <> ''
	FROM pg_catalog.pg_attribute WHERE attrelid = ANY($1::pg_catalog.oid[]) AND attnum > 0 AND NOT attisdropped ORDER BY attrelid, attnum`
	// Unique indexes over plain columns, the best first.
	listKeys = `SELECT i.indrelid, i.indexrelid, i.indisprimary AND i.indimmediate, a.attname
	FROM pg_catalog.pg_index i CROSS JOIN LATERAL unnest(i.indkey::pg_catalog.int2[]) WITH ORDINALITY k (num, place)
	JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num
	WHERE i.indrelid = ANY($1::pg_catalog.oid[]) AND i.indisunique AND i.indisvalid
		AND i.indpred IS NULL AND i.indexprs IS NULL AND k.place <= i.indnkeyatts
	ORDER BY i.indrelid, i.indisprimary DESC, i.indisreplident DESC, i.indimmediate DESC, i.indnkeyatts, i.indexrelid, k.place`
	hasSchema = `SELECT pg_catalog.has_schema_privilege(oid, 'USAGE') FROM pg_catalog.pg_namespace WHERE nspname = $1`
)

// list returns all relations of the schema without their columns.
func (s *Source) list(ctx context.Context, c *session) ([]*table, error) {
	usage, err := c.one(ctx, hasSchema, s.cfg.Schema)
	switch {
	case err != nil:
		return nil, s.explain(ctx, err)
	case usage == "":
		return nil, connector.Problems{{Pointer: "/schema", Label: "Schema", Message: fmt.Sprintf("database %s has no schema %s; check the name and its case", s.cfg.Database, s.cfg.Schema)}}
	case usage != "t":
		return nil, connector.Problems{{Pointer: "/schema", Label: "Schema", Message: fmt.Sprintf("%s may not use the schema %s; run: %s", s.cfg.Username, s.cfg.Schema, s.grantAll())}}
	}
	var all []*table
	err = c.query(ctx, listTables, func(r [][]byte) error {
		all = append(all, &table{
			oid: number(r[0]), name: string(r[1]), kind: r[2][0], partition: r[3][0] == 't', stored: r[4][0], identity: r[5][0],
		})
		return nil
	}, s.cfg.Schema)
	return all, s.explain(ctx, err)
}

// tables returns the configured tables with all that is known of them.
func (s *Source) tables(ctx context.Context, c *session) ([]*table, error) {
	all, err := s.list(ctx, c)
	if err != nil {
		return nil, err
	}
	selected, err := s.selectTables(all)
	if err != nil {
		return nil, err
	}
	if err := s.describe(ctx, c, selected); err != nil {
		return nil, s.explain(ctx, err)
	}
	names := make([]string, len(all))
	for i, t := range all {
		names[i] = s.idPrefix(t.name)
	}
	for _, t := range selected {
		t.row = s.rowForm(t, sqldb.NewIDs(s.idPrefix(t.name), names))
	}
	return selected, nil
}

// selectTables applies the configured names and patterns. Patterns mean what
// rows are stored in, names mean everything.
func (s *Source) selectTables(all []*table) ([]*table, error) {
	var names []string
	var named []*table
	for _, t := range all {
		switch {
		case slices.Contains(s.cfg.Tables, t.name):
			named = append(named, t)
		case t.partition || t.kind == foreign || !s.cfg.IncludeViews && (t.kind == view || t.kind == materialized):
		default:
			names = append(names, t.name)
		}
	}
	patterns := slices.DeleteFunc(slices.Clone(s.cfg.Tables), func(p string) bool {
		return slices.ContainsFunc(named, func(t *table) bool { return t.name == p })
	})
	meant, unknown := sqldb.Select(patterns, names)
	if len(unknown) > 0 {
		return nil, connector.Problems{{Pointer: "/tables", Label: "Comma-separated list of tables", Message: fmt.Sprintf(
			"schema %s has no table %s; check the names and their case", s.cfg.Schema, strings.Join(unknown, ", "))}}
	}
	return slices.DeleteFunc(slices.Clone(all), func(t *table) bool {
		return !slices.Contains(meant, t.name) && !slices.Contains(named, t)
	}), nil
}

// describe adds columns, their types, and keys.
func (s *Source) describe(ctx context.Context, c *session, tables []*table) error {
	byOID := make(map[uint32]*table, len(tables))
	oids := make([]string, len(tables))
	for i, t := range tables {
		byOID[t.oid], oids[i] = t, strconv.FormatUint(uint64(t.oid), 10)
	}
	list := "{" + strings.Join(oids, ",") + "}"
	var types []uint32
	err := c.query(ctx, listColumns, func(r [][]byte) error {
		col := column{name: string(r[1]), oid: number(r[2]), modifier: int32(signed(r[3])), notNull: r[4][0] == 't', computed: r[5][0] == 't'}
		t := byOID[number(r[0])]
		t.columns, types = append(t.columns, col), append(types, col.oid)
		return nil
	}, list)
	if err == nil {
		err = keys(ctx, c, byOID, list)
	}
	var known typeCatalog
	if err == nil {
		err = known.load(ctx, c, types)
	}
	var stamps string
	if err == nil {
		stamps, err = c.one(ctx, "SELECT pg_catalog.current_setting('track_commit_timestamp')")
	}
	for _, t := range tables {
		t.stamped = stamps == "on" && t.kind == ordinary
		s.nameFields([]string{t.name}, t.columns)
		for i := range t.columns {
			t.columns[i].typ = known.of(t.columns[i].oid, t.columns[i].modifier)
		}
	}
	return err
}

// keys finds the first unique index of each table that has no nulls.
func keys(ctx context.Context, c *session, byOID map[uint32]*table, list string) error {
	var of *table
	var index uint32
	var key []int
	useful, primary := false, false
	settle := func() {
		if of != nil && useful && of.key == nil {
			of.key, of.primary = key, primary
		}
	}
	err := c.query(ctx, listKeys, func(r [][]byte) error {
		if number(r[1]) != index {
			settle()
			of, index, key, useful, primary = byOID[number(r[0])], number(r[1]), nil, true, r[2][0] == 't'
		}
		i := slices.IndexFunc(of.columns, func(c column) bool { return c.name == string(r[3]) })
		useful = useful && i >= 0 && of.columns[i].notNull
		key = append(key, i)
		return nil
	}, list)
	settle()
	return err
}

// nameFields decides under which names columns stand in documents: in lower
// case, behind schema and tables, as Elastic's connector names them.
func (s *Source) nameFields(tables []string, columns []column) {
	prefix := s.cfg.Schema + "_" + joined(tables) + "_"
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = strings.ReplaceAll(strings.ToLower(prefix+c.name), ".", "_")
	}
	for i, field := range sqldb.FieldNames(names, "database", "schema", "table") {
		columns[i].field = field
	}
}

// joined are the names of tables in order, with "_" between them.
func joined(tables []string) string {
	return strings.Join(slices.Sorted(slices.Values(tables)), "_")
}

// idPrefix is what the ids of a table's rows begin with.
func (s *Source) idPrefix(table string) string {
	return s.cfg.Database + "_" + s.cfg.Schema + "_" + table
}
