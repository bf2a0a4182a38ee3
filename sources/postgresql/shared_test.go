package postgresql_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/postgresql/fixture"
)

// TestTwoConnectors read the same tables with the same configuration: each has a
// slot of its own and sees every change, in whatever order they come, and one
// that gives logical replication up takes nothing from the other.
func TestTwoConnectors(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Own(t, "CREATE TABLE t (k integer PRIMARY KEY)", "INSERT INTO t VALUES (1)")
	a, _ := openFor(t, db, "connector-a", replicated())
	b, _ := openFor(t, db, strings.Repeat("connector-ß", 9), replicated()) // no name of a process
	atA, atB := position(t, a), position(t, b)
	require.Len(t, db.Query(t, "SELECT FROM pg_replication_slots WHERE database = current_database() AND slot_name LIKE 'tributary\\_%'"), 2)
	inA, inB := read(t, a, ""), read(t, b, "")
	for _, statement := range []string{"INSERT INTO t VALUES (2)", "DELETE FROM t WHERE k = 1"} {
		db.Own(t, statement)
		atA = follow(t, a, atA, inA)
	}
	atB = follow(t, b, atB, inB)
	require.Equal(t, named(db, "t_2"), inA.ids())
	require.Equal(t, inA, inB)

	plain, _ := openFor(t, db, "connector-a", nil)
	position(t, plain) // drops its own
	db.Own(t, "INSERT INTO t VALUES (3)")
	follow(t, b, atB, inB)
	require.Equal(t, named(db, "t_2", "t_3"), inB.ids())
	_, err := a.Changes(t.Context(), atA, connector.Filter{}, nil)
	require.ErrorIs(t, err, connector.ErrPositionLost)
}

// TestAnotherSelection of the same connector goes on with its slot.
func TestAnotherSelection(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Own(t, "CREATE TABLE t (k integer PRIMARY KEY)", "CREATE TABLE u (k integer PRIMARY KEY)")
	s, _ := openFor(t, db, "a", replicated(values{"tables": []string{"t"}}))
	position(t, s)
	s, _ = openFor(t, db, "a", replicated(values{"tables": []string{"u"}}))
	at, x := position(t, s), read(t, s, "")
	require.Len(t, db.Query(t, "SELECT FROM pg_replication_slots WHERE database = current_database()"), 1)
	db.Own(t, "INSERT INTO t VALUES (1)", "INSERT INTO u VALUES (2)")
	follow(t, s, at, x)
	require.Equal(t, named(db, "u_2"), x.ids())
}

// TestOneNameForTwo is refused by the check of one while the other reads, and
// told by the incremental sync that comes too late.
func TestOneNameForTwo(t *testing.T) {
	db := fixture.NewDatabase(t)
	db.Own(t, "CREATE TABLE t (k integer PRIMARY KEY)")
	name := replicated(values{"replication_slot": "both"})
	a, _ := openFor(t, db, "a", name)
	b, _ := openFor(t, db, "b", name)
	atA, atB := position(t, a), position(t, b)
	require.NoError(t, b.ValidateConfig(t.Context()), "nobody reads")
	db.Own(t, "INSERT INTO t SELECT generate_series(1, 100)")
	n := 0
	_, err := a.Changes(t.Context(), atA, connector.Filter{}, func(c connector.Change) error {
		c.Release()
		if n++; n > 1 {
			return nil
		}
		var problems connector.Problems
		require.ErrorAs(t, b.ValidateConfig(t.Context()), &problems)
		require.Len(t, problems, 1)
		require.Equal(t, "/replication_slot", problems[0].Pointer)
		require.Contains(t, problems[0].Message, `the replication slot both is being read by somebody else ("tributary a", process `)
		require.Contains(t, problems[0].Message, "give this connector another name, or leave the field empty for one that is its own, or give the other one another name")
		require.NoError(t, a.ValidateConfig(t.Context()), "it reads itself")
		unnamed, _ := open(t, db, name)
		require.NoError(t, unnamed.ValidateConfig(t.Context()), "the commands can't tell whose it is")
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, 100, n)
	a, _ = openFor(t, db, "a", name)
	follow(t, a, position(t, a), index{}) // confirms
	_, err = b.Changes(t.Context(), atB, connector.Filter{}, nil)
	require.ErrorIs(t, err, connector.ErrPositionLost)
	require.ErrorContains(t, err, "give each connector a replication_slot of its own, or leave the field empty")
}
