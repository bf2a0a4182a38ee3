package postgresql_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/postgresql/fixture"
)

// TestChanged: what counts as a change since a position.
func TestChanged(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Own(t, "CREATE TABLE t (k integer PRIMARY KEY)", "INSERT INTO t VALUES (1)", "CREATE VIEW v AS SELECT * FROM t", "CREATE UNLOGGED TABLE w (k integer PRIMARY KEY)",
		"CREATE MATERIALIZED VIEW m AS SELECT * FROM t", "CREATE TABLE p (k integer PRIMARY KEY) PARTITION BY RANGE (k)", "CREATE TABLE u2 (k integer)")
	for name, c := range map[string]struct {
		statements []string
		more       values
		want       bool
	}{
		"nothing":             {nil, nil, false},
		"reading":             {[]string{"SELECT * FROM t"}, nil, false},
		"a vacuum":            {[]string{"VACUUM t"}, nil, false},
		"a checkpoint":        {[]string{"CHECKPOINT"}, nil, false},
		"an insert":           {[]string{"INSERT INTO t SELECT coalesce(max(k), 0) + 1 FROM t"}, nil, true},
		"an update":           {[]string{"INSERT INTO t VALUES (0) ON CONFLICT DO NOTHING; UPDATE t SET k = k"}, nil, true},
		"a deletion":          {[]string{"INSERT INTO t VALUES (0) ON CONFLICT DO NOTHING; DELETE FROM t"}, nil, true},
		"a truncation":        {[]string{"TRUNCATE t"}, nil, true},
		"a new table":         {[]string{"DROP TABLE IF EXISTS u; CREATE TABLE u (k integer)"}, nil, true},
		"a view is selected":  {nil, values{"tables": []string{"v"}}, true},
		"an unlogged table":   {nil, values{"tables": []string{"w"}}, true},
		"a materialized view": {nil, values{"tables": []string{"m"}}, false},
		"a partitioned table": {nil, values{"tables": []string{"p"}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if c.more == nil {
				c.more = values{"tables": []string{"t", "u*"}}
			}
			s, _ := open(t, db, c.more)
			got := !c.want
			for range 10 { // the server's own work is a change too
				at := position(t, s)
				db.Exec(t, c.statements...)
				var err error
				if got, err = s.Changed(t.Context(), at); err != nil || got == c.want {
					require.NoError(t, err)
					break
				}
			}
			require.Equal(t, c.want, got)
		})
	}
	s, _ := open(t, db, nil)
	changed, err := s.Changed(t.Context(), []byte(`{"mysql":1}`))
	require.ErrorIs(t, err, connector.ErrPositionLost)
	require.True(t, changed)
}

// TestChangeColumn: new and changed rows arrive, deletions do not.
func TestChangeColumn(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Own(t, "CREATE TABLE t (k integer PRIMARY KEY, v text, changed timestamptz DEFAULT now())", "CREATE TABLE local (k integer PRIMARY KEY, changed timestamp DEFAULT now())",
		"CREATE TABLE without (k integer PRIMARY KEY)", "CREATE TABLE keyless (changed timestamptz)", "CREATE TABLE text (k integer PRIMARY KEY, changed text)",
		"INSERT INTO t VALUES (1, 'old', now() - interval '1 day'), (2, 'old', now() - interval '1 day')")
	s, logged := open(t, db, values{"change_column": "changed"})
	require.NoError(t, s.ValidateConfig(t.Context()))
	at := position(t, s)
	x := read(t, s, "")
	db.Own(t, "INSERT INTO t VALUES (3, 'new')", "UPDATE t SET v = 'new', changed = now() WHERE k = 1", "DELETE FROM t WHERE k = 2",
		"SET TIME ZONE 'America/Los_Angeles'; INSERT INTO local VALUES (1)", "INSERT INTO without VALUES (1)", "INSERT INTO text VALUES (1, now())")
	next := follow(t, s, at, x)
	require.Equal(t, named(db, "t_1", "t_2", "t_3", "local_1"), x.ids())
	require.Equal(t, "new", x.field(t, db.Name+"_public_t_1", "public_t_v"))
	for _, table := range []string{"without", "keyless", "text"} {
		require.Contains(t, logged.String(), "table="+table)
	}
	changed, err := s.Changed(t.Context(), next)
	require.NoError(t, err)
	require.True(t, changed, "a full sync finds the deletion, so it must not be skipped")
	at = position(t, s)
	for range 10 {
		if x := (index{}); len(changesOf(t, s, at, x)) == 0 {
			return // nothing at all has happened, so nothing is asked for
		}
		at = position(t, s)
	}
	t.Error("rows are read although nothing has happened")
}

func changesOf(t testing.TB, s connector.Incremental, at connector.Cursor, x index) index {
	t.Helper()
	_, err := s.Changes(t.Context(), at, connector.Filter{}, x.apply)
	require.NoError(t, err)
	return x
}

func TestChangeColumnIsChecked(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Own(t, "CREATE TABLE t (k integer PRIMARY KEY, changed text)")
	for _, column := range []string{"changed", "nope"} {
		s, _ := open(t, db, values{"change_column": column})
		err := s.ValidateConfig(t.Context())
		require.ErrorContains(t, err, "no table with a key has a column "+column+" of type timestamp or date")
	}
}

// TestTablesThatCanNotBeFollowed are said, are not published, and do not let a
// full sync be skipped.
func TestTablesThatCanNotBeFollowed(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Own(t, "CREATE TABLE good (k integer PRIMARY KEY)", "CREATE TABLE keyless (v text)", "CREATE TABLE uniq (k integer NOT NULL UNIQUE)",
		"CREATE TABLE nothing (k integer PRIMARY KEY)", "ALTER TABLE nothing REPLICA IDENTITY NOTHING", "CREATE UNLOGGED TABLE unlogged (k integer PRIMARY KEY)", "CREATE VIEW seen AS SELECT 1 AS k",
		"CREATE TABLE computed (a integer, k integer GENERATED ALWAYS AS (a + 1) STORED PRIMARY KEY)",
		"INSERT INTO keyless VALUES ('a')")
	s, logged := open(t, db, replicated(values{"include_views": true}))
	at := position(t, s)
	for _, table := range []string{"keyless", "uniq", "nothing", "unlogged", "seen", "computed"} {
		require.Contains(t, logged.String(), "table="+table+" ")
	}
	require.Contains(t, logged.String(), `REPLICA IDENTITY FULL`)
	require.Equal(t, [][]string{{"good"}}, db.Query(t, "SELECT tablename FROM pg_publication_tables"))
	x := read(t, s, "")
	db.Own(t, "UPDATE keyless SET v = 'b'", "DELETE FROM uniq", "INSERT INTO good VALUES (1)")
	next := follow(t, s, at, x)
	require.Contains(t, x, db.Name+"_public_good_1")
	s, _ = open(t, db, replicated())
	changed, err := s.Changed(t.Context(), next)
	require.NoError(t, err)
	require.True(t, changed)
}

// TestATransactionThatIsUnderWay: its changes are after the position.
func TestATransactionThatIsUnderWay(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Own(t, "CREATE TABLE t (k integer PRIMARY KEY)")
	s, _ := open(t, db, replicated())
	position(t, s) // makes the slot, which waits for transactions
	conn, err := db.Connect()
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(t.Context())) }()
	_, err = conn.Exec(t.Context(), "BEGIN; INSERT INTO t VALUES (1)").ReadAll()
	require.NoError(t, err)
	begun := time.Now()
	at := position(t, s)
	require.Greater(t, time.Since(begun), time.Second, "it waits, as the transaction may be about to be seen")
	x := read(t, s, "")
	require.Empty(t, x)
	_, err = conn.Exec(t.Context(), "COMMIT").ReadAll()
	require.NoError(t, err)
	follow(t, s, at, x)
	require.Equal(t, named(db, "t_1"), x.ids())
}
