package postgresql_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/sources/internal/indextest"
	"github.com/tributary-search/tributary/sources/postgresql"
	"github.com/tributary-search/tributary/sources/postgresql/fixture"
)

// kill ends all connections of the source's user to a database, as an
// administrator does, and waits until they are gone.
func kill(t testing.TB, db *fixture.Database) {
	t.Helper()
	killed := db.Query(t, "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname = current_database() AND usename = '"+fixture.User+"'")
	require.NotEqual(t, "0", killed[0][0])
}

// holds compares the index with what an undisturbed source reads.
func holds(t testing.TB, c *indextest.Connector, db *fixture.Database) {
	t.Helper()
	s, _ := open(t, db, nil)
	want := map[string]map[string]any{}
	for id, fields := range read(t, s, "") {
		doc := map[string]any{}
		require.NoError(t, json.Unmarshal([]byte(fields), &doc))
		want[id] = doc
	}
	c.Holds(want)
}

func TestFault(t *testing.T) {
	t.Run("F19", func(t *testing.T) {
		t.Run("full sync", killedRead)
		t.Run("incremental sync", killedStream)
		indextest.Held(t, "I1 ids, I2 contents, I5 counters: every connection terminated in the middle of a read and of the log")
	})
}

// killedRead kills the connections in the middle of both tables: the table is
// read again in a new snapshot.
func killedRead(t *testing.T) {
	t.Parallel()
	db := fixture.NewDatabase(t)
	db.Fill(t, "a", 600)
	db.Fill(t, "b", 600)
	kills := map[int]bool{300: true, 1100: true} // within a, and within b
	c := indextest.New(t, indextest.Disturb(postgresql.Kind(), func(n int) {
		if kills[n] {
			delete(kills, n)
			kill(t, db)
		}
	}), db.Config(t, values{"fetch_size": 100, "retry_count": 2}))
	j := c.Full()
	require.Equal(t, "completed", j.Status, j.Error)
	require.Empty(t, kills)
	require.Contains(t, j.Log, "reading goes on in a new snapshot")
	require.EqualValues(t, 1200, j.Counters.Created)
	require.Equal(t, j.Counters.Emitted, j.Counters.Created+j.Counters.Duplicate)
	holds(t, c, db)
}

// killedStream kills the connections while changes are applied: the job fails
// or goes on, and the one after it brings everything.
func killedStream(t *testing.T) {
	t.Parallel()
	db := fixture.NewDatabase(t)
	db.Fill(t, "a", 1500)
	armed := false // when it is, what is behind the first window of 1,000 changes
	c := indextest.New(t, indextest.Disturb(postgresql.Kind(), func(n int) {
		if armed && n == 1100 {
			armed = false
			kill(t, db)
		}
	}), db.Config(t, replicated(values{"retry_count": 0})))
	require.Equal(t, "completed", c.Full().Status)
	db.Own(t, "UPDATE a SET title = title || '!' WHERE number < 1200", "DELETE FROM a WHERE number >= 1300")
	armed = true
	first := c.Incremental()
	require.False(t, armed, "the connections were killed")
	require.Empty(t, first.Because)
	second := c.Incremental()
	require.Equal(t, "completed", second.Status, second.Error)
	require.Empty(t, second.Because, "the position was kept")
	require.EqualValues(t, 200, first.Counters.Deleted+second.Counters.Deleted)
	holds(t, c, db)
}
