package postgresql_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/postgresql/fixture"
)

// TestSlotIsManaged: slot and publication come with the first position and go
// when logical replication is switched off.
func TestSlotIsManaged(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Own(t, "CREATE TABLE t (k integer PRIMARY KEY)")
	slots := "SELECT slot_name, pubname FROM pg_replication_slots JOIN pg_publication ON pubname = slot_name WHERE database = current_database()"
	s, logged := open(t, db, replicated(values{"replication_slot": "mine"}))
	require.NoError(t, s.ValidateConfig(t.Context()))
	require.Empty(t, db.Query(t, slots), "a check makes nothing")
	position(t, s)
	require.Equal(t, [][]string{{"mine", "mine"}}, db.Query(t, slots))
	require.Contains(t, logged.String(), "are made")
	position(t, s)
	db.Own(t, "CREATE TABLE u (k integer PRIMARY KEY)")
	position(t, s)
	require.Equal(t, [][]string{{"t"}, {"u"}}, db.Query(t, "SELECT tablename FROM pg_publication_tables ORDER BY 1"))
	s, _ = open(t, db, nil)
	position(t, s)
	require.Len(t, db.Query(t, slots), 1, "another name is somebody else's")
	s, _ = open(t, db, replicated())
	position(t, s)
	require.Len(t, db.Query(t, slots), 2)
	s, logged = open(t, db, nil)
	position(t, s)
	require.Equal(t, [][]string{{"mine", "mine"}}, db.Query(t, slots))
	require.Empty(t, logged.String())
}

// TestSlotOfOthers is never used, read at the same time, or dropped.
func TestSlotOfOthers(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Own(t, "CREATE TABLE t (k integer PRIMARY KEY)")
	db.Exec(t, "SELECT pg_create_logical_replication_slot('theirs', 'test_decoding')")
	s, logged := open(t, db, replicated(values{"replication_slot": "theirs"}))
	require.ErrorContains(t, s.ValidateConfig(t.Context()), `the replication slot theirs is somebody else's (plugin "test_decoding"`)
	at := position(t, s)
	require.Contains(t, logged.String(), "will read everything")
	_, err := s.Changes(t.Context(), at, connector.Filter{}, nil)
	require.ErrorIs(t, err, connector.ErrPositionLost)

	s, _ = open(t, db, replicated(values{"replication_slot": "mine"}))
	at = position(t, s)
	db.Own(t, "INSERT INTO t SELECT generate_series(1, 100)")
	inside := false
	_, err = s.Changes(t.Context(), at, connector.Filter{}, func(c connector.Change) error {
		c.Release()
		if !inside {
			inside = true
			_, err := s.Changes(t.Context(), at, connector.Filter{}, nil)
			require.ErrorContains(t, err, "the replication slot mine is being read by somebody else")
		}
		return nil
	})
	require.NoError(t, err)
	require.True(t, inside)
}

// TestPublicationOfTheOwner: where the user may not make one, the owner's is used.
func TestPublicationOfTheOwner(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Exec(t, "CREATE TABLE t (k integer PRIMARY KEY)", "CREATE TABLE p (k integer PRIMARY KEY) PARTITION BY RANGE (k)", "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10)")
	user := role(t, db, "replicator", "REPLICATION")
	db.Exec(t, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO replicator")
	more := replicated(user, values{"replication_slot": "owned"})
	s, logged := open(t, db, more)
	require.ErrorContains(t, s.ValidateConfig(t.Context()), `the owner of the tables must run: CREATE PUBLICATION "owned" FOR TABLE`)
	position(t, s)
	require.Contains(t, logged.String(), `must run: CREATE PUBLICATION \"owned\" FOR TABLE \"public\".\"p\", \"public\".\"t\"`)
	for statement, want := range map[string]string{
		`CREATE PUBLICATION owned FOR TABLE t WITH (publish_via_partition_root = true)`:        `must run: ALTER PUBLICATION \"owned\" ADD TABLE \"public\".\"p\"`,
		`CREATE PUBLICATION owned FOR ALL TABLES`:                                              `run: ALTER PUBLICATION \"owned\" SET (publish_via_partition_root = true)`,
		`CREATE PUBLICATION owned FOR ALL TABLES WITH (publish = 'insert')`:                    `run: ALTER PUBLICATION \"owned\" SET (publish = 'insert, update, delete, truncate')`,
		`CREATE PUBLICATION owned FOR ALL TABLES WITH (publish_via_partition_root = true)`:     ``,
		`CREATE PUBLICATION owned FOR TABLE t (k), p WITH (publish_via_partition_root = true)`: ``,
	} {
		db.Exec(t, statement)
		s, logged := open(t, db, more)
		require.NoError(t, s.ValidateConfig(t.Context()))
		at := position(t, s)
		if want != "" {
			require.Contains(t, logged.String(), want)
		} else {
			x := index{}
			db.Exec(t, "DELETE FROM t; DELETE FROM p; INSERT INTO t VALUES (1); INSERT INTO p VALUES (2)")
			follow(t, s, at, x)
			require.Equal(t, named(db, "p_2", "t_1"), x.ids())
		}
		db.Exec(t, "DROP PUBLICATION owned")
	}
}

// TestMissingPrivilegesForSlots are named, and full syncs go on.
func TestMissingPrivilegesForSlots(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Exec(t, "CREATE TABLE t (k integer PRIMARY KEY)", "CREATE PUBLICATION pub FOR ALL TABLES")
	user := role(t, db, "plain", "")
	db.Exec(t, "GRANT SELECT ON t TO plain")
	s, logged := open(t, db, replicated(user, values{"replication_slot": "pub"}))
	require.ErrorContains(t, s.ValidateConfig(t.Context()), `plain may not use replication slots; run: ALTER ROLE "plain" REPLICATION;`)
	at := position(t, s)
	require.Contains(t, logged.String(), `run: ALTER ROLE \"plain\" REPLICATION;`)
	_, err := s.Changes(t.Context(), at, connector.Filter{}, nil)
	require.ErrorIs(t, err, connector.ErrPositionLost)
	require.ErrorContains(t, err, "there was no replication slot then")
	require.Empty(t, read(t, s, ""))
	db.Exec(t, "SELECT pg_create_logical_replication_slot('left_over', 'pgoutput')")
	user["replication_slot"] = "left_over"
	s, logged = open(t, db, user)
	position(t, s)
	require.Contains(t, logged.String(), "can't be dropped")
}

// TestLostLog: the server threw away what the slot needed.
func TestLostLog(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Own(t, "CREATE TABLE t (k integer PRIMARY KEY)")
	s, _ := open(t, db, replicated())
	at := position(t, s)
	db.Exec(t, "ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'", "SELECT pg_reload_conf()")
	t.Cleanup(func() { db.Exec(t, "ALTER SYSTEM RESET max_slot_wal_keep_size", "SELECT pg_reload_conf()") })
	for i := range 4 {
		db.Own(t, fmt.Sprintf("INSERT INTO t VALUES (%d)", i))
		db.Exec(t, "SELECT pg_switch_wal()")
	}
	db.Exec(t, "CHECKPOINT")
	_, err := s.Changes(t.Context(), at, connector.Filter{}, nil)
	require.ErrorIs(t, err, connector.ErrPositionLost)
	require.ErrorContains(t, err, "thrown away log")
	at = position(t, s) // makes the slot anew
	x := read(t, s, "")
	db.Own(t, "INSERT INTO t VALUES (100)")
	follow(t, s, at, x)
	same(t, db, nil, x)
}

// TestLag: the log that a slot holds is shown, and full syncs alone do not let it
// grow for ever.
func TestLag(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Own(t, "CREATE TABLE t (k integer PRIMARY KEY)")
	s, logged := open(t, db, replicated())
	first := position(t, s)
	second := position(t, s)
	require.NotContains(t, logged.String(), "keep much of its log")
	require.Empty(t, changesSince(t, s, first), "a later position takes nothing away")
	db.Own(t, "INSERT INTO t SELECT generate_series(1, 1000)")
	s.Retain(1)
	third := position(t, s)
	require.Contains(t, logged.String(), "keep much of its log")
	require.Empty(t, changesSince(t, s, third))
	_, err := s.Changes(t.Context(), second, connector.Filter{}, nil)
	require.ErrorIs(t, err, connector.ErrPositionLost)
}

// TestSlotsThatAreLeftBehind are told by a check, with the statement that drops
// them.
func TestSlotsThatAreLeftBehind(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Own(t, "CREATE TABLE t (k integer PRIMARY KEY)")
	for _, slot := range []string{"tributary_left", "somebody_else"} {
		db.Exec(t, "SELECT pg_create_logical_replication_slot('"+slot+"', 'pgoutput')")
	}
	mine, logged := open(t, db, replicated())
	position(t, mine)
	db.Own(t, "INSERT INTO t SELECT generate_series(1, 1000)")
	require.NoError(t, mine.ValidateConfig(t.Context()))
	require.NotContains(t, logged.String(), "tributary_left")
	mine.Retain(1)
	require.NoError(t, mine.ValidateConfig(t.Context()))
	require.Contains(t, logged.String(), "SELECT pg_drop_replication_slot('tributary_left')")
	require.Contains(t, logged.String(), "the replication slot makes the server keep much of its log")
	require.NotContains(t, logged.String(), "somebody_else")
	plain, logged := open(t, db, nil)
	plain.Retain(1)
	require.NoError(t, plain.ValidateConfig(t.Context()))
	require.Contains(t, logged.String(), "tributary_left")
}

// TestASlotWaitsForTransactions, but not for ever, and a full sync goes on.
func TestASlotWaitsForTransactions(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Own(t, "CREATE TABLE t (k integer PRIMARY KEY)", "INSERT INTO t VALUES (1)")
	conn, err := db.Connect()
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(t.Context())) }()
	_, err = conn.Exec(t.Context(), "BEGIN; INSERT INTO t VALUES (2)").ReadAll()
	require.NoError(t, err)
	s, logged := open(t, db, replicated())
	s.Wait(200 * time.Millisecond)
	at := position(t, s)
	require.Contains(t, logged.String(), "some have not ended within 200ms; look for old ones in pg_stat_activity")
	require.Len(t, read(t, s, ""), 1)
	_, err = s.Changes(t.Context(), at, connector.Filter{}, nil)
	require.ErrorIs(t, err, connector.ErrPositionLost)
	require.Empty(t, db.Query(t, "SELECT slot_name FROM pg_replication_slots WHERE database = current_database()"))
}

// TestReplicationIsNotThere: full syncs go on, and the remedy is named.
func TestReplicationIsNotThere(t *testing.T) {
	t.Parallel()
	server, err := fixture.Launch("-c wal_level=replica -c max_wal_senders=0 -c track_commit_timestamp=off")
	require.NoError(t, err)
	t.Cleanup(server.Stop)
	db := server.NewDatabase(t)
	db.Own(t, "CREATE TABLE t (k integer PRIMARY KEY)", "INSERT INTO t VALUES (1)")
	s, logged := open(t, db, replicated())
	require.ErrorContains(t, s.ValidateConfig(t.Context()), "wal_level is replica); run: ALTER SYSTEM SET wal_level = 'logical'; and restart the server")
	at := position(t, s)
	require.Contains(t, logged.String(), "run: ALTER SYSTEM SET wal_level = 'logical'; and restart the server")
	_, err = s.Changes(t.Context(), at, connector.Filter{}, nil)
	require.ErrorIs(t, err, connector.ErrPositionLost)
	require.Len(t, read(t, s, ""), 1)
}
