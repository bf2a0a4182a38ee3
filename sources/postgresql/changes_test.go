package postgresql_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/postgresql/fixture"
)

// same compares what incremental syncs made of an index with what the database
// holds now.
func same(t testing.TB, db *fixture.Database, more values, x index) {
	t.Helper()
	s, _ := open(t, db, more)
	require.Equal(t, read(t, s, ""), x)
}

// TestChanges applies statements after a full sync, and compares.
func TestChanges(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before, after []string
	}{
		"insert, update, delete": {
			[]string{"CREATE TABLE t (k integer PRIMARY KEY, v text)", "INSERT INTO t SELECT i, 'old' FROM generate_series(1, 10) i"},
			[]string{"INSERT INTO t VALUES (11, 'new')", "UPDATE t SET v = 'new' WHERE k < 4", "DELETE FROM t WHERE k > 8"},
		},
		"a key that changes": {
			[]string{"CREATE TABLE t (a text, b integer, v text, PRIMARY KEY (a, b))", "INSERT INTO t VALUES ('x', 1, 'v'), ('x', 2, 'v')"},
			[]string{"UPDATE t SET b = 3 WHERE b = 1", "UPDATE t SET a = 'y', v = NULL WHERE b = 2"},
		},
		"keys that change places": {
			[]string{"CREATE TABLE t (k integer PRIMARY KEY DEFERRABLE, v text)", "ALTER TABLE t REPLICA IDENTITY FULL", "INSERT INTO t VALUES (1, 'one'), (2, 'two'), (3, 'three')"},
			[]string{"BEGIN; SET CONSTRAINTS ALL DEFERRED; UPDATE t SET k = 9 WHERE k = 1; UPDATE t SET k = 1 WHERE k = 2; UPDATE t SET k = 2 WHERE k = 9; COMMIT"},
		},
		"large values that stay": {
			[]string{"CREATE TABLE t (k integer PRIMARY KEY, v text, large text)", "ALTER TABLE t ALTER large SET STORAGE EXTERNAL", "INSERT INTO t SELECT i, 'old', repeat(md5(i::text), 1000) FROM generate_series(1, 3) i"},
			[]string{"UPDATE t SET v = 'new' WHERE k = 1", "UPDATE t SET v = 'new', large = 'small' WHERE k = 2", "UPDATE t SET v = 'first' WHERE k = 3", "DELETE FROM t WHERE k = 3", "UPDATE t SET k = 7 WHERE k = 1"},
		},
		"the whole old row": {
			[]string{"CREATE TABLE t (k integer PRIMARY KEY, v text, large text)", "ALTER TABLE t ALTER large SET STORAGE EXTERNAL", "ALTER TABLE t REPLICA IDENTITY FULL", "INSERT INTO t SELECT i, 'old', repeat(md5(i::text), 1000) FROM generate_series(1, 4) i"},
			[]string{"UPDATE t SET v = 'new' WHERE k = 1", "UPDATE t SET k = 9 WHERE k = 2", "DELETE FROM t WHERE k = 3", "UPDATE t SET v = NULL WHERE k = 4"},
		},
		"no key, but the whole old row": {
			[]string{"CREATE TABLE t (a integer, v text)", "ALTER TABLE t REPLICA IDENTITY FULL", "INSERT INTO t SELECT i, 'old' FROM generate_series(1, 4) i"},
			[]string{"UPDATE t SET v = 'new' WHERE a = 1", "DELETE FROM t WHERE a = 2", "INSERT INTO t VALUES (NULL, '')", "UPDATE t SET v = v"},
		},
		"partitions": {
			[]string{"CREATE TABLE t (k integer PRIMARY KEY, v text) PARTITION BY RANGE (k)", "CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10)", "CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20)", "INSERT INTO t SELECT i, 'old' FROM generate_series(5, 14) i"},
			[]string{"UPDATE t SET v = 'new' WHERE k = 5", "UPDATE t SET k = 15 WHERE k = 6", "DELETE FROM t WHERE k = 14", "INSERT INTO t2 VALUES (19, 'direct')"},
		},
		"rolled back": {
			[]string{"CREATE TABLE t (k integer PRIMARY KEY)", "INSERT INTO t VALUES (1)"},
			[]string{"BEGIN; INSERT INTO t VALUES (2); SAVEPOINT s; DELETE FROM t; ROLLBACK TO s; COMMIT", "BEGIN; DELETE FROM t; ROLLBACK"},
		},
		"names and values of all kinds": {
			[]string{`CREATE TABLE "T ""x"" 💧.y" ("k'" text PRIMARY KEY, "_id" text, large text)`, `ALTER TABLE "T ""x"" 💧.y" ALTER large SET STORAGE EXTERNAL`, `INSERT INTO "T ""x"" 💧.y" VALUES (E'it''s \\ "q"', 'v', repeat('x', 5000)), ('', NULL, NULL)`},
			[]string{`UPDATE "T ""x"" 💧.y" SET _id = 'w'`, `INSERT INTO "T ""x"" 💧.y" VALUES ('é', '', '')`},
		},
		"rows that are generated": {
			[]string{"CREATE TABLE t (d integer GENERATED ALWAYS AS (v * 2) STORED, k integer PRIMARY KEY, e text GENERATED ALWAYS AS (v || '!') STORED, v integer)", "INSERT INTO t (k, v) VALUES (1, 1), (2, 2), (3, 3)"},
			[]string{"INSERT INTO t (k, v) VALUES (7, 7)", "UPDATE t SET v = 5 WHERE k = 1", "DELETE FROM t WHERE k = 2", "UPDATE t SET k = 9 WHERE k = 3", "INSERT INTO t (k, v) VALUES (8, 8); DELETE FROM t WHERE k = 8"},
		},
		"the whole old row, computed": {
			[]string{"CREATE TABLE t (k integer PRIMARY KEY, d integer GENERATED ALWAYS AS (v * 2) STORED, v integer)", "ALTER TABLE t REPLICA IDENTITY FULL", "INSERT INTO t (k, v) VALUES (1, 1), (2, 2), (3, 3)"},
			[]string{"UPDATE t SET v = 5 WHERE k = 1", "DELETE FROM t WHERE k = 2", "UPDATE t SET k = 9 WHERE k = 3"},
		},
		"tables that inherit": {
			[]string{"CREATE TABLE t (k integer PRIMARY KEY, v text, large text)", "CREATE TABLE u (PRIMARY KEY (k)) INHERITS (t)", "ALTER TABLE t ALTER large SET STORAGE EXTERNAL", "ALTER TABLE u ALTER large SET STORAGE EXTERNAL", "INSERT INTO t VALUES (1, 'a', repeat('x', 9000))", "INSERT INTO u VALUES (1, 'b', repeat('y', 9000))"},
			[]string{"UPDATE t SET v = v || '!'", "INSERT INTO u VALUES (2, 'c', NULL)"},
		},
		"nothing": {[]string{"CREATE TABLE t (k integer PRIMARY KEY)"}, []string{"SELECT 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			db := fixture.NewDatabase(t)
			db.Own(t, c.before...)
			s, _ := open(t, db, replicated())
			at := position(t, s)
			x := read(t, s, "")
			db.Own(t, c.after...)
			next := follow(t, s, at, x)
			same(t, db, nil, x)
			require.Empty(t, changesSince(t, s, next), "each change is told once")
		})
	}
}

// changesSince lists changes.
func changesSince(t testing.TB, s connector.Incremental, since connector.Cursor) (list []string) {
	t.Helper()
	_, err := s.Changes(t.Context(), since, connector.Filter{}, func(c connector.Change) error {
		list = append(list, fmt.Sprint(c.ID, " ", c.Deleted))
		c.Release()
		return nil
	})
	require.NoError(t, err)
	return list
}

// TestCursors: each transaction's last change carries a cursor from which a run
// that was interrupted goes on.
func TestCursors(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Own(t, "CREATE TABLE t (k integer PRIMARY KEY)")
	s, _ := open(t, db, replicated())
	at := position(t, s)
	db.Own(t, "INSERT INTO t VALUES (1), (2)", "INSERT INTO t VALUES (3)", "DELETE FROM t WHERE k = 1; INSERT INTO t VALUES (4)")
	var cursors []connector.Cursor
	var ids []string
	_, err := s.Changes(t.Context(), at, connector.Filter{}, func(c connector.Change) error {
		ids, cursors = append(ids, strings.TrimPrefix(c.ID, db.Name+"_public_t_")), append(cursors, c.Cursor)
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, []string{"1", "2", "3", "1", "4"}, ids)
	for i, want := range []bool{false, true, true, false, true} {
		require.Equal(t, want, cursors[i] != nil, i)
	}
	require.Len(t, changesSince(t, s, cursors[1]), 3)
	require.Len(t, changesSince(t, s, cursors[2]), 2)
	require.Empty(t, changesSince(t, s, cursors[4]))
	_, err = s.Changes(t.Context(), cursors[1], connector.Filter{}, func(connector.Change) error { return nil })
	require.ErrorIs(t, err, connector.ErrPositionLost, "what was confirmed by a later run is gone")
}

// TestAnInterruptedRun: an error of emit ends it, and what was not confirmed is
// told again.
func TestAnInterruptedRun(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Own(t, "CREATE TABLE t (k integer PRIMARY KEY)")
	s, _ := open(t, db, replicated())
	at := position(t, s)
	db.Own(t, "INSERT INTO t SELECT generate_series(1, 5000)")
	full := fmt.Errorf("the index is full")
	calls := 0
	_, err := s.Changes(t.Context(), at, connector.Filter{}, func(c connector.Change) error {
		c.Release()
		calls++
		return full
	})
	require.ErrorIs(t, err, full)
	require.Equal(t, 1, calls)
	require.Len(t, changesSince(t, s, at), 5000)
}

// TestALostStream: it goes on after the last transaction that came whole, and
// ends when that happens too often.
func TestALostStream(t *testing.T) {
	t.Parallel()
	db := fixture.NewDatabase(t)
	db.Own(t, "CREATE TABLE t (k integer PRIMARY KEY, v text)")
	s, _ := open(t, db, replicated())
	at := position(t, s)
	for i := range 3 {
		db.Own(t, fmt.Sprintf("INSERT INTO t SELECT i, repeat('x', 500) FROM generate_series(%d, %d) i", i*20000, i*20000+19999))
	}
	kill := "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE database = current_database()"
	x, n := index{}, 0
	next, err := s.Changes(t.Context(), at, connector.Filter{}, func(c connector.Change) error {
		if n++; n == 30000 {
			db.Exec(t, kill)
		}
		return x.apply(c)
	})
	require.NoError(t, err)
	same(t, db, nil, x)
	require.Greater(t, n, 60000, "the transaction that was torn came again")
	require.LessOrEqual(t, n, 80000, "those before it did not")
	require.Empty(t, changesSince(t, s, next))

	s, _ = open(t, db, replicated(values{"replication_slot": "another"}))
	at = position(t, s)
	db.Own(t, "UPDATE t SET v = repeat('y', 500)")
	_, err = s.Changes(t.Context(), at, connector.Filter{}, func(c connector.Change) error {
		c.Release()
		if n++; n%1000 == 0 {
			db.Exec(t, kill)
		}
		return nil
	})
	require.Error(t, err) // in the server's words or, where it was found out by a write, the network's
	require.Regexp(t, "terminating connection|broken pipe|connection reset|unexpected EOF", err.Error())
}

// TestAFullSyncAndItsChanges: whatever happens during a full sync is in it or in
// the changes from the position before it.
func TestAFullSyncAndItsChanges(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Fill(t, "a", 300)
	db.Fill(t, "b", 300)
	s, _ := open(t, db, replicated())
	for round := range 3 { // the slot is new, then there
		at := position(t, s)
		x, n := index{}, 0
		err := s.GetDocs(t.Context(), connector.Filter{}, func(d connector.Document) error {
			if n++; n%100 == 50 {
				db.Own(t, fmt.Sprintf("UPDATE a SET title = 'changed %d-%d' WHERE number %% 7 = %d", round, n, round), fmt.Sprintf("DELETE FROM b WHERE number = %d", n+round),
					fmt.Sprintf("UPDATE b SET number = number + 10000 WHERE number = %d", n+10+round), fmt.Sprintf("INSERT INTO a SELECT %d, title, state, price, weight, created, changed, body FROM a WHERE number = 1", 20000+1000*round+n))
			}
			return x.put(d)
		})
		require.NoError(t, err)
		follow(t, s, at, x)
		same(t, db, nil, x)
	}
}

// TestPositionLost: what can't be followed says why.
func TestPositionLost(t *testing.T) {
	drop := "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()"
	for name, c := range map[string]struct {
		statements []string
		more       values
		want       string
	}{
		"truncated":            {[]string{"TRUNCATE t"}, replicated(), "table t was truncated"},
		"truncated with more":  {[]string{"TRUNCATE t, u"}, replicated(), "table t, u was truncated"},
		"a new column":         {[]string{"ALTER TABLE t ADD COLUMN w text DEFAULT 'x'"}, replicated(), "tables or columns are not what they were then"},
		"another type":         {[]string{"ALTER TABLE t ALTER v TYPE varchar(50)"}, replicated(), "tables or columns are not what they were then"},
		"a column and back":    {[]string{"ALTER TABLE t RENAME v TO w; INSERT INTO t VALUES (9, 'x')", "ALTER TABLE t RENAME w TO v"}, replicated(), "the columns of table t were changed"},
		"a new table":          {[]string{"CREATE TABLE n (k integer PRIMARY KEY)"}, replicated(), "tables or columns are not what they were then"},
		"another key":          {[]string{"ALTER TABLE t DROP CONSTRAINT t_pkey", "ALTER TABLE t ADD PRIMARY KEY (k, v)"}, replicated(), "tables or columns are not what they were then"},
		"no slot":              {[]string{drop}, replicated(), "was dropped"},
		"no publication":       {[]string{"DO $$ BEGIN EXECUTE (SELECT 'DROP PUBLICATION ' || pubname FROM pg_publication); END $$"}, replicated(), "was dropped"},
		"taken out":            {[]string{"DO $$ BEGIN EXECUTE (SELECT 'ALTER PUBLICATION ' || pubname || ' DROP TABLE u' FROM pg_publication); END $$"}, replicated(), "has no table u"},
		"published anew":       {[]string{"DO $$ BEGIN EXECUTE (SELECT 'DROP PUBLICATION ' || pubname || '; INSERT INTO t VALUES (5, ''x''); CREATE PUBLICATION ' || pubname || ' FOR ALL TABLES' FROM pg_publication); END $$"}, replicated(), "does not exist at that time"},
		"read by others":       {[]string{"INSERT INTO t VALUES (8, 'x')", "SELECT pg_replication_slot_advance(slot_name, pg_current_wal_lsn()) FROM pg_replication_slots WHERE database = current_database()"}, replicated(), "was read by somebody else"},
		"another slot":         {nil, replicated(values{"replication_slot": "another"}), "one of the replication slot tributary_"},
		"switched off":         {[]string{"INSERT INTO t VALUES (8, 'x')"}, values{}, "neither logical replication nor a change column"},
		"switched to a column": {[]string{"INSERT INTO t VALUES (8, 'x')"}, values{"change_column": "v"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			db := fixture.NewDatabase(t)
			db.Own(t, "CREATE TABLE t (k integer PRIMARY KEY, v text NOT NULL)", "CREATE TABLE u (k integer PRIMARY KEY)", "INSERT INTO t VALUES (1, 'x')")
			s, _ := open(t, db, replicated())
			at := position(t, s)
			for _, statement := range c.statements {
				if strings.Contains(statement, "pg_") || strings.HasPrefix(statement, "DO") {
					db.Exec(t, statement)
				} else {
					db.Own(t, statement)
				}
			}
			s, _ = open(t, db, c.more)
			_, err := s.Changes(t.Context(), at, connector.Filter{}, func(connector.Change) error { return nil })
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, connector.ErrPositionLost)
			require.ErrorContains(t, err, c.want)
			if s, _ := open(t, db, replicated()); len(c.more) > 0 { // a full sync heals it
				at, x := position(t, s), read(t, s, "")
				require.Empty(t, changesSince(t, s, at))
				db.Own(t, "INSERT INTO u VALUES (77)")
				follow(t, s, at, x)
				same(t, db, nil, x)
			}
		})
	}
}

// TestForeignPositions: a cursor of another server, or from before there was a slot.
func TestForeignPositions(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Own(t, "CREATE TABLE t (k integer PRIMARY KEY)")
	s, _ := open(t, db, replicated())
	change := func(name string, value any) connector.Cursor {
		fields := map[string]any{}
		require.NoError(t, json.Unmarshal(position(t, s), &fields))
		fields[name] = value
		raw, err := json.Marshal(fields)
		require.NoError(t, err)
		return raw
	}
	for want, at := range map[string]connector.Cursor{
		"another server":             change("server", "1.1.1"),
		"there was no replication":   change("slot", ""),
		"another program or version": change("postgresql", 99),
		"not what they were":         change("shape", "x"),
		"was read by somebody else":  change("lsn", "0/1"),
		"by somebody else":           change("lsn", "nonsense"),
	} {
		_, err := s.Changes(t.Context(), at, connector.Filter{}, func(connector.Change) error { return nil })
		require.ErrorIs(t, err, connector.ErrPositionLost)
		require.ErrorContains(t, err, want)
	}
	rules := connector.Filter{AdvancedRules: []byte(`[{"tables": ["t"], "query": "SELECT * FROM t"}]`)}
	_, err := s.Changes(t.Context(), position(t, s), rules, func(connector.Change) error { return nil })
	require.ErrorIs(t, err, connector.ErrPositionLost)
	require.ErrorContains(t, err, "advanced rules")
}
