package postgresql_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/postgresql/fixture"
)

func (x index) ids() []string { return slices.Sorted(maps.Keys(x)) }

// named are ids of rows of the schema public.
func named(db *fixture.Database, rows ...string) []string {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = db.Name + "_public_" + r
	}
	slices.Sort(ids)
	return ids
}

func TestDocument(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Own(t, `CREATE TABLE "Customers" ("Id" integer PRIMARY KEY, "First Name" text)`, `INSERT INTO "Customers" VALUES (7, 'Ada')`)
	s, _ := open(t, db, nil)
	var doc connector.Document
	err := s.GetDocs(t.Context(), connector.Filter{}, func(d connector.Document) error {
		doc = d
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, db.Name+"_public_Customers_7", doc.ID)
	require.Equal(t, `"public_customers_id":7,"public_customers_first name":"Ada","database":"`+db.Name+`","schema":"public","table":"Customers"`, string(doc.Fields()))
	require.WithinDuration(t, time.Now(), doc.UpdatedAt, time.Hour, "the time of the commit")
}

func TestKeys(t *testing.T) {
	db := fixture.NewDatabase(t)
	for name, c := range map[string]struct {
		table string
		ids   []string // what follows "t_"
	}{
		"several columns, in the order of the key": {`CREATE TABLE t (a text, b integer, PRIMARY KEY (b, a)); INSERT INTO t VALUES ('x', 1)`, []string{"1_x"}},
		"texts that would be ambiguous":            {`CREATE TABLE t (a text, b text, PRIMARY KEY (a, b)); INSERT INTO t VALUES ('a_b', 'c'), ('a', 'b_c')`, []string{"a%5Fb_c", "a_b%5Fc"}},
		"one text stays as it is":                  {`CREATE TABLE t (a text PRIMARY KEY); INSERT INTO t VALUES ('a_b%')`, []string{"a_b%"}},
		"five types":                               {`CREATE TABLE t (a uuid, b date, c boolean, d bytea, e numeric, PRIMARY KEY (a, b, c, d, e)); INSERT INTO t VALUES ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '2026-01-01', true, '\x01', 1.50)`, []string{`a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11_2026-01-01_t_\x01_1.50`}},
		"a unique index without nulls":             {`CREATE TABLE t (a integer, b integer NOT NULL UNIQUE); INSERT INTO t VALUES (1, 5)`, []string{"5"}},
		"the shortest unique index":                {`CREATE TABLE t (a integer NOT NULL, b integer NOT NULL, c integer NOT NULL UNIQUE, UNIQUE (a, b)); INSERT INTO t VALUES (1, 2, 3)`, []string{"3"}},
		"one that is checked at the end":           {`CREATE TABLE t (a integer NOT NULL UNIQUE DEFERRABLE INITIALLY DEFERRED, b text); INSERT INTO t VALUES (1, 'x')`, []string{"1"}},
		"columns that are only included":           {`CREATE TABLE t (a integer, b integer, PRIMARY KEY (a) INCLUDE (b)); INSERT INTO t VALUES (1, 2)`, []string{"1"}},
	} {
		t.Run(name, func(t *testing.T) {
			db.Own(t, "DROP TABLE IF EXISTS t", c.table)
			s, _ := open(t, db, nil)
			for i, id := range c.ids {
				c.ids[i] = "t_" + id
			}
			require.Equal(t, named(db, c.ids...), read(t, s, "").ids())
		})
	}
}

func TestTablesWithoutAKey(t *testing.T) {
	db := fixture.NewDatabase(t)
	for name, definition := range map[string]string{
		"none":                "a integer, b text",
		"nulls":               "a integer UNIQUE, b text",
		"a part of the rows":  "a integer NOT NULL, b text); CREATE UNIQUE INDEX ON t (a) WHERE a > 0; SELECT (1",
		"an expression":       "a integer NOT NULL, b text); CREATE UNIQUE INDEX ON t ((a + 1)); SELECT (1",
		"only a common index": "a integer NOT NULL, b text); CREATE INDEX ON t (a); SELECT (1",
	} {
		t.Run(name, func(t *testing.T) {
			db.Own(t, "DROP TABLE IF EXISTS t", "CREATE TABLE t ("+definition+")", "INSERT INTO t VALUES (1, 'x'), (2, NULL), (3, '')")
			s, logged := open(t, db, nil)
			x := read(t, s, "")
			require.Len(t, x, 3)
			require.Contains(t, logged.String(), "without a key")
			require.Equal(t, x.ids(), read(t, s, "").ids(), "the same rows have the same ids")
			for _, id := range x.ids() {
				require.Regexp(t, db.Name+`_public_t_[0-9a-f]{32}$`, id)
			}
			db.Own(t, "UPDATE t SET b = 'y' WHERE a = 1")
			require.NotEqual(t, x.ids(), read(t, s, "").ids())
		})
	}
}

// TestRelations: what patterns select, and what is read when it is named.
func TestRelations(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Own(t, "CREATE TABLE plain (k integer PRIMARY KEY)", "INSERT INTO plain VALUES (1)",
		"CREATE TABLE parted (k integer PRIMARY KEY) PARTITION BY RANGE (k)",
		"CREATE TABLE part_a PARTITION OF parted FOR VALUES FROM (0) TO (10)", "CREATE TABLE part_b PARTITION OF parted FOR VALUES FROM (10) TO (20)",
		"INSERT INTO parted VALUES (2), (12)",
		"CREATE TABLE heir (PRIMARY KEY (k)) INHERITS (plain)", "INSERT INTO heir VALUES (1), (3)",
		"CREATE UNLOGGED TABLE unlogged (k integer PRIMARY KEY)", "INSERT INTO unlogged VALUES (4)",
		"CREATE VIEW seen AS SELECT k FROM plain", "CREATE MATERIALIZED VIEW kept AS SELECT k FROM parted",
		"CREATE TABLE empty ()", "INSERT INTO empty DEFAULT VALUES", "CREATE SCHEMA other", "CREATE TABLE other.plain (k integer PRIMARY KEY)", "INSERT INTO other.plain VALUES (9)")
	db.Exec(t, "CREATE EXTENSION file_fdw", "CREATE SERVER files FOREIGN DATA WRAPPER file_fdw",
		"CREATE FOREIGN TABLE far (line text) SERVER files OPTIONS (program 'echo water')", "GRANT SELECT ON far TO "+fixture.User,
		"GRANT pg_execute_server_program TO "+fixture.User)
	t.Cleanup(func() { db.Exec(t, "REVOKE pg_execute_server_program FROM "+fixture.User) })
	all := []string{"plain_1", "parted_2", "parted_12", "heir_1", "heir_3", "unlogged_4"}
	for name, c := range map[string]struct {
		more values
		want []string
		len  int
	}{
		"all":              {nil, all, 6},
		"a pattern":        {values{"tables": "p*"}, []string{"plain_1", "parted_2", "parted_12"}, 3},
		"a comma list":     {values{"tables": "plain, heir"}, []string{"plain_1", "heir_1", "heir_3"}, 3},
		"a partition":      {values{"tables": []string{"part_a"}}, []string{"part_a_2"}, 1},
		"views":            {values{"include_views": true}, nil, 6 + 2 + 2},
		"a view":           {values{"tables": []string{"seen"}}, nil, 2},
		"a kept view":      {values{"tables": []string{"kept"}}, nil, 2},
		"a foreign table":  {values{"tables": []string{"far"}}, nil, 1},
		"all and one more": {values{"tables": []string{"*", "far"}}, nil, 7},
		"another schema":   {values{"schema": "other"}, nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := open(t, db, c.more)
			x := read(t, s, "")
			require.Len(t, x, c.len)
			if c.want != nil {
				require.Equal(t, named(db, c.want...), x.ids())
			}
			types, err := s.Fields(t.Context())
			require.NoError(t, err)
			require.Equal(t, connector.Text, types["table"])
			require.NoError(t, s.ValidateConfig(t.Context()))
		})
	}
}

// TestPages reads more rows than are fetched at once, and exactly as many.
func TestPages(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Fill(t, "items", 1000)
	for _, size := range []int{1, 7, 999, 1000, 1001} {
		s, _ := open(t, db, values{"fetch_size": size})
		require.Len(t, read(t, s, ""), 1000, size)
	}
}

// TestOneMoment: rows that are written while a sync reads belong to the next.
func TestOneMoment(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Fill(t, "a", 10)
	db.Fill(t, "b", 10)
	s, _ := open(t, db, nil)
	x := index{}
	err := s.GetDocs(t.Context(), connector.Filter{}, func(d connector.Document) error {
		if len(x) == 0 {
			db.Own(t, "DELETE FROM b WHERE number < 5", "INSERT INTO b SELECT 99, title, state, price, weight, created, changed, body FROM b WHERE number = 6", "UPDATE b SET title = 'late'")
		}
		return x.put(d)
	})
	require.NoError(t, err)
	require.Len(t, x, 20)
	require.Equal(t, "Item number 3", x.field(t, db.Name+"_public_b_3", "public_b_title"))
}

// TestLocksAreGivenBack: a table that was read can be altered while the sync
// reads the next one.
func TestLocksAreGivenBack(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Fill(t, "a", 10)
	db.Fill(t, "b", 10)
	s, _ := open(t, db, nil)
	altered := false
	err := s.GetDocs(t.Context(), connector.Filter{}, func(d connector.Document) error {
		if strings.Contains(d.ID, "_b_") && !altered {
			altered = true
			db.Own(t, "SET lock_timeout = '5s'; ALTER TABLE a ADD COLUMN more text")
		}
		d.Release()
		return nil
	})
	require.NoError(t, err)
	require.True(t, altered)
}

// TestRewritten: to an older snapshot a table that was truncated or rewritten
// looks empty.
func TestRewritten(t *testing.T) {
	db := fixture.NewDatabase(t)
	for name, c := range map[string]struct {
		statement string
		rows      int // of the table b
	}{
		"rewritten":      {"ALTER TABLE b ALTER number TYPE numeric", 10},
		"truncated":      {"TRUNCATE b", 0},
		"a new column":   {"ALTER TABLE b ADD COLUMN more text DEFAULT 'x'", 10},
		"a column less":  {"ALTER TABLE b DROP COLUMN body", 10},
		"dropped":        {"DROP TABLE b", 0},
		"another's name": {"ALTER TABLE b RENAME TO c", 10},
		"vacuumed":       {"VACUUM FULL b", 10},
	} {
		t.Run(name, func(t *testing.T) {
			db.Own(t, "DROP TABLE IF EXISTS a, b, c")
			db.Fill(t, "a", 10)
			db.Fill(t, "b", 10)
			s, _ := open(t, db, values{"retry_count": 1})
			x, done := index{}, false
			err := s.GetDocs(t.Context(), connector.Filter{}, func(d connector.Document) error {
				if !done {
					done = true
					db.Exec(t, c.statement)
				}
				return x.put(d)
			})
			require.NoError(t, err)
			require.Len(t, x, 10+c.rows)
		})
	}
}

// TestLostConnection: a sync goes on when its connection is lost, and ends when
// that happens too often.
func TestLostConnection(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Fill(t, "a", 100)
	db.Fill(t, "b", 20000)
	kill := func() {
		db.Exec(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '"+fixture.User+"' AND datname = current_database()")
	}
	for retries, want := range map[int]string{1: "", 0: "terminating connection"} {
		s, logged := open(t, db, values{"retry_count": retries, "fetch_size": 100})
		x, n := index{}, 0
		err := s.GetDocs(t.Context(), connector.Filter{}, func(d connector.Document) error {
			if n++; n == 5000 {
				kill()
			}
			return x.put(d)
		})
		if want != "" {
			require.ErrorContains(t, err, want)
			continue
		}
		require.NoError(t, err)
		require.Len(t, x, 20100)
		require.Less(t, n, 25001, "the table that was done is not read again")
		require.Contains(t, logged.String(), "goes on in a new snapshot")
	}
}

// TestEmitError: what emit returns ends the sync, whatever it looks like.
func TestEmitError(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Fill(t, "a", 10)
	s, _ := open(t, db, values{"retry_count": 3})
	full := fmt.Errorf("the index: %w", context.DeadlineExceeded)
	for _, rules := range []string{"", `[{"tables": ["a"], "query": "SELECT * FROM a"}]`} {
		calls := 0
		err := s.GetDocs(t.Context(), connector.Filter{AdvancedRules: []byte(rules)}, func(connector.Document) error {
			calls++
			return full
		})
		require.ErrorIs(t, err, full)
		require.Equal(t, 1, calls)
	}
}

func TestCanceled(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Fill(t, "a", 10)
	s, _ := open(t, db, replicated())
	ctx, cancel := context.WithCancelCause(t.Context())
	stopped := errors.New("the job was stopped")
	cancel(stopped)
	_, err := tryRead(ctx, s, "")
	require.ErrorIs(t, err, stopped)
	_, err = tryRead(ctx, s, `[{"tables": ["a"], "query": "SELECT * FROM a"}]`)
	require.ErrorIs(t, err, stopped)
	_, err = s.Position(ctx)
	require.ErrorIs(t, err, stopped)
	_, err = s.Fields(ctx)
	require.ErrorIs(t, err, stopped)
	require.ErrorIs(t, s.Ping(ctx), stopped)
	require.ErrorIs(t, s.ValidateConfig(ctx), stopped)
}
