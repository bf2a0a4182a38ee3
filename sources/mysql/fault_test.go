package mysql_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/sources/internal/indextest"
	"github.com/tributary-search/tributary/sources/internal/mariadbtest"
	"github.com/tributary-search/tributary/sources/mysql"
	"github.com/tributary-search/tributary/sources/mysql/fixture"
)

// kill ends all connections of the source's user to a database, as an
// administrator does.
func kill(t testing.TB, db *fixture.Database) {
	t.Helper()
	rows, err := db.DB.Query("SELECT ID FROM information_schema.PROCESSLIST WHERE USER=? AND DB=? OR COMMAND LIKE 'Binlog Dump%'", mariadbtest.User, db.Name)
	require.NoError(t, err)
	defer func() { _ = rows.Close() }()
	killed := 0
	for rows.Next() {
		var id int
		require.NoError(t, rows.Scan(&id))
		db.Exec(t, fmt.Sprintf("KILL CONNECTION %d", id))
		killed++
	}
	require.NoError(t, rows.Err())
	require.Positive(t, killed)
}

// holds compares the index with what an undisturbed source reads.
func holds(t testing.TB, c *indextest.Connector, db *fixture.Database) {
	t.Helper()
	s, _ := open(t, db, nil)
	c.Holds(read(t, s, ""))
}

func TestFault(t *testing.T) {
	t.Run("F19", func(t *testing.T) {
		t.Run("full sync", killedRead)
		t.Run("incremental sync", killedLog)
		indextest.Held(t, "I1 ids, I2 contents, I5 counters: KILL of every connection in the middle of a read and of the log")
	})
	t.Run("F22", func(t *testing.T) {
		t.Run("rotated", rotatedLog)
		t.Run("purged", purgedLog)
		t.Run("altered while read", alteredMeanwhile)
		t.Run("altered between", alteredBetween)
		indextest.Held(t, "I1 ids, I2 contents: a log that is rotated, one that is purged, tables that are altered")
	})
}

// killedRead kills the connections in the middle of both tables.
func killedRead(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Fill(t, "a", 600)
	db.Fill(t, "b", 600)
	kills := 0
	c := indextest.New(t, indextest.Disturb(mysql.Kind(), func(n int) {
		if n == 300 || n == 900 {
			kill(t, db)
			kills++
		}
	}), db.Config(t, map[string]any{"fetch_size": 100}))
	j := c.Full()
	require.Equal(t, "completed", j.Status, j.Error)
	require.Equal(t, 2, kills)
	require.Contains(t, j.Log, "the connection was lost while reading; it goes on after the last row")
	require.EqualValues(t, 1200, j.Counters.Created)
	require.Zero(t, j.Counters.Duplicate, "no row was read twice")
	holds(t, c, db)
}

// killedLog kills the connections while changes are applied: the job fails or
// goes on, and the one after it brings everything.
func killedLog(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Fill(t, "a", 1500)
	armed := false // when it is, what is behind the first window of 1,000 changes
	c := indextest.New(t, indextest.Disturb(mysql.Kind(), func(n int) {
		if armed && n == 1100 {
			armed = false
			kill(t, db)
		}
	}), db.Config(t, nil))
	require.Equal(t, "completed", c.Full().Status)
	db.Exec(t, "UPDATE a SET title=CONCAT(title,'!') WHERE number<1200", "DELETE FROM a WHERE number>=1300")
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

func rotatedLog(t *testing.T) {
	t.Parallel()
	db := fixture.NewDatabase(t)
	db.Fill(t, "a", 300)
	c := indextest.New(t, mysql.Kind(), db.Config(t, nil))
	require.Equal(t, "completed", c.Full().Status)
	db.Exec(t, "UPDATE a SET title='before' WHERE number<100", "FLUSH BINARY LOGS", "DELETE FROM a WHERE number>=250", "FLUSH BINARY LOGS", "UPDATE a SET title='after' WHERE number=200")
	j := c.Incremental()
	require.Equal(t, "completed", j.Status, j.Error)
	require.Empty(t, j.Because)
	require.EqualValues(t, 101, j.Counters.Updated)
	require.EqualValues(t, 50, j.Counters.Deleted)
	holds(t, c, db)
}

// purgedLog takes away the part of the log that the next sync needs.
func purgedLog(t *testing.T) {
	t.Parallel()
	server, err := mariadbtest.Launch()
	require.NoError(t, err)
	t.Cleanup(server.Stop)
	db := fixture.On(t, server)
	db.Fill(t, "a", 300)
	c := indextest.New(t, mysql.Kind(), db.Config(t, nil))
	require.Equal(t, "completed", c.Full().Status)
	db.Exec(t, "UPDATE a SET title='lost' WHERE number<100", "DELETE FROM a WHERE number>=250", "FLUSH BINARY LOGS")
	var file string
	var ignored any
	require.NoError(t, db.DB.QueryRow("SHOW MASTER STATUS").Scan(&file, &ignored, &ignored, &ignored))
	db.Exec(t, "FLUSH BINARY LOGS")
	require.Eventually(t, func() bool { // the server keeps a log for as long as its engines may need it
		var first string
		db.Exec(t, "PURGE BINARY LOGS TO '"+file+"'")
		require.NoError(t, db.DB.QueryRow("SHOW BINARY LOGS").Scan(&first, &ignored))
		return first == file
	}, 20*time.Second, 20*time.Millisecond)
	db.Exec(t, "UPDATE a SET title='kept' WHERE number=200")
	j := c.Incremental()
	require.Equal(t, "completed", j.Status, j.Error)
	require.Contains(t, j.Because, "the server no longer has the changes since the last sync")
	require.EqualValues(t, 101, j.Counters.Updated)
	require.EqualValues(t, 50, j.Counters.Deleted)
	holds(t, c, db)
	db.Exec(t, "DELETE FROM a WHERE number=7")
	j = c.Incremental()
	require.Empty(t, j.Because, "the new position holds")
	require.EqualValues(t, 1, j.Counters.Deleted)
	holds(t, c, db)
}

// alteredMeanwhile changes a table in the middle of its read, and drops one
// that is still to be read.
func alteredMeanwhile(t *testing.T) {
	t.Parallel()
	db := fixture.NewDatabase(t)
	db.Fill(t, "a", 600)
	db.Fill(t, "b", 600)
	done, altered := false, make(chan error, 1)
	c := indextest.New(t, indextest.Disturb(mysql.Kind(), func(n int) {
		if n == 300 && !done {
			done = true
			go func() { // waits for the snapshot's end
				_, err := db.DB.Exec("ALTER TABLE a ADD more INT DEFAULT 7, ALGORITHM=COPY")
				altered <- err
			}()
			db.Exec(t, "ALTER TABLE b ADD more INT DEFAULT 8, ALGORITHM=COPY")
		}
	}), db.Config(t, map[string]any{"fetch_size": 100}))
	j := c.Full()
	if j.Status != "completed" {
		require.Contains(t, j.Error, "nothing is deleted")
	}
	require.NoError(t, <-altered)
	require.Zero(t, j.Counters.Deleted)
	j = c.Full()
	require.Equal(t, "completed", j.Status, j.Error)
	holds(t, c, db)
	require.EqualValues(t, 7, c.Documents()["a_5"]["more"])
	require.EqualValues(t, 8, c.Documents()["b_5"]["more"])
}

func alteredBetween(t *testing.T) {
	t.Parallel()
	db := fixture.NewDatabase(t)
	db.Fill(t, "a", 100)
	c := indextest.New(t, mysql.Kind(), db.Config(t, nil))
	require.Equal(t, "completed", c.Full().Status)
	db.Exec(t, "UPDATE a SET title='x' WHERE number<10", "ALTER TABLE a DROP body, ADD more INT DEFAULT 7")
	j := c.Incremental()
	require.Equal(t, "completed", j.Status, j.Error)
	require.Contains(t, j.Because, "their columns were changed")
	holds(t, c, db)
}
