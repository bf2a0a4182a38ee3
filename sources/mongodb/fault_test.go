package mongodb_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/tributary-search/tributary/sources/internal/indextest"
	"github.com/tributary-search/tributary/sources/mongodb"
	"github.com/tributary-search/tributary/sources/mongodb/fixture"
)

// connected makes a connector of a source with these settings.
func connected(t testing.TB, s settings) *indextest.Connector {
	t.Helper()
	raw, err := json.Marshal(s)
	require.NoError(t, err)
	return indextest.New(t, mongodb.Kind(), raw)
}

// behind are settings that reach the server through a relay.
func behind(t testing.TB, r *relay, db *mongo.Database) settings {
	t.Helper()
	return on(t, db, fixture.Collection).with(settings{"host": "mongodb://" + r.listener.Addr().String(), "direct_connection": true})
}

// holds compares the index with what an undisturbed source reads.
func holds(t testing.TB, c *indextest.Connector, s settings) {
	t.Helper()
	want := map[string]map[string]any{}
	for id, fields := range mustGet(t, open(t, s), rules("")) {
		doc := map[string]any{}
		require.NoError(t, json.Unmarshal([]byte("{"+fields+"}"), &doc))
		want[id] = doc
	}
	c.Holds(want)
}

// pass answers nothing in the server's place.
func pass(string, bson.Raw) bson.D { return nil }

func TestFault(t *testing.T) {
	t.Run("F19", func(t *testing.T) {
		for name, failure := range map[string]bson.D{
			"cursor not found": refusal(43, "CursorNotFound"), "connection cut": hangUp,
		} {
			t.Run(name, func(t *testing.T) { lostCursor(t, failure) })
		}
		indextest.Held(t, "I1 ids, I2 contents, I5 counters: cursors and connections lost half-way, no document read twice")
	})
	t.Run("F20", func(t *testing.T) {
		cutHistory(t)
		indextest.Held(t, "I1 ids, I2 contents: the oplog rolled past the token, a full sync that says so in the job")
	})
	t.Run("F21", func(t *testing.T) {
		t.Run("step-down in a full sync", func(t *testing.T) { lostCursor(t, refusal(10107, "NotWritablePrimary")) })
		t.Run("step-down in an incremental sync", stepDown)
		t.Run("invalidate", invalidated)
		t.Run("dropped and made anew", madeAnew)
		t.Run("dropped", dropped)
		indextest.Held(t, "I1 ids, I2 contents: step-downs go on, invalidate and drop become a full sync that says so, the guard keeps the index")
	})
}

// lostCursor fails a read after its second page.
func lostCursor(t *testing.T, failure bson.D) {
	t.Parallel()
	db := fixture.Database(t)
	fixture.Fill(t, db, 0, 1100)
	pages := 0
	r := newRelay(t, fixture.URL(t), func(name string, _ bson.Raw) bson.D {
		if name == "getMore" {
			if pages++; pages == 2 {
				return failure
			}
		}
		return nil
	})
	c := connected(t, behind(t, r, db))
	j := c.Full()
	require.Equal(t, "completed", j.Status, j.Error)
	require.Contains(t, j.Log, "the read goes on after a failure")
	require.EqualValues(t, 1100, j.Counters.Created)
	require.Zero(t, j.Counters.Duplicate, "no document was read twice")
	resumed := 0
	for _, cmd := range r.asked() {
		if after, err := cmd.LookupErr("filter", "$and", "1", "$or", "0", "_id", "$gt"); err == nil {
			require.Equal(t, fixture.ID(999), after.ObjectID(), "behind the last document of the second page")
			resumed++
		}
	}
	require.Equal(t, 1, resumed)
	holds(t, c, on(t, db, fixture.Collection))
}

// cutHistory lets the server forget what happened since the last sync.
func cutHistory(t *testing.T) {
	url := own(t, t.TempDir(), "--oplog-max-entries", "20")
	db := client(t, url).Database("db")
	fixture.Fill(t, db, 0, 500)
	s := settings{"host": url, "database": "db", "collection": fixture.Collection}
	c := connected(t, s)
	require.Equal(t, "completed", c.Full().Status)
	for i := range 10 {
		fixture.Fill(t, db, 500+100*i, 600+100*i)
	}
	_, err := db.Collection(fixture.Collection).DeleteMany(t.Context(), d("_id", d("$lt", fixture.ID(50))))
	require.NoError(t, err)
	j := c.Incremental()
	require.Equal(t, "completed", j.Status, j.Error)
	require.Contains(t, j.Because, "no longer reaches back to the last sync")
	require.EqualValues(t, 1000, j.Counters.Created)
	require.EqualValues(t, 50, j.Counters.Deleted)
	holds(t, c, s)
	_, err = db.Collection(fixture.Collection).DeleteOne(t.Context(), d("_id", fixture.ID(77)))
	require.NoError(t, err)
	j = c.Incremental()
	require.Empty(t, j.Because, "the new position holds")
	require.EqualValues(t, 1, j.Counters.Deleted)
	holds(t, c, s)
}

// stepDown lets the member that tells the changes step down in the middle.
func stepDown(t *testing.T) {
	t.Parallel()
	db := fixture.Database(t)
	fixture.Fill(t, db, 0, 300)
	followed, failed := false, 0
	r := newRelay(t, fixture.URL(t), func(name string, cmd bson.Raw) bson.D {
		switch {
		case streams(name, cmd):
			followed = true
		case followed && name == "getMore" && failed < 1:
			failed++
			return refusal(10107, "NotWritablePrimary", "ResumableChangeStreamError")
		}
		return nil
	})
	c := connected(t, behind(t, r, db))
	require.Equal(t, "completed", c.Full().Status)
	failed = 0
	change(t, db)
	j := c.Incremental()
	require.Equal(t, "completed", j.Status, j.Error)
	require.Empty(t, j.Because)
	require.Positive(t, failed)
	require.EqualValues(t, 30, j.Counters.Deleted)
	holds(t, c, on(t, db, fixture.Collection))
}

// change updates 100 documents and deletes 30.
func change(t testing.TB, db *mongo.Database) {
	t.Helper()
	c := db.Collection(fixture.Collection)
	_, err := c.UpdateMany(t.Context(), d("_id", d("$lt", fixture.ID(100))), d("$set", d("state", "changed")))
	require.NoError(t, err)
	_, err = c.DeleteMany(t.Context(), d("_id", d("$gte", fixture.ID(100), "$lt", fixture.ID(130))))
	require.NoError(t, err)
}

// invalidated has the server end the stream, as MongoDB does after a drop or a
// rename.
func invalidated(t *testing.T) {
	t.Parallel()
	db := fixture.Database(t)
	fixture.Fill(t, db, 0, 300)
	armed := false
	r := newRelay(t, fixture.URL(t), func(name string, cmd bson.Raw) bson.D {
		if armed && streams(name, cmd) {
			armed = false
			return batch(cmd, 0, happened("01", "invalidate", nil))
		}
		return nil
	})
	c := connected(t, behind(t, r, db))
	require.Equal(t, "completed", c.Full().Status)
	change(t, db)
	armed = true
	j := c.Incremental()
	require.Equal(t, "completed", j.Status, j.Error)
	require.Contains(t, j.Because, "the collection was dropped or renamed")
	require.EqualValues(t, 30, j.Counters.Deleted)
	holds(t, c, on(t, db, fixture.Collection))
}

func madeAnew(t *testing.T) {
	t.Parallel()
	db := fixture.Database(t)
	fixture.Fill(t, db, 0, 300)
	s := on(t, db, fixture.Collection)
	c := connected(t, s)
	require.Equal(t, "completed", c.Full().Status)
	require.NoError(t, db.Collection(fixture.Collection).Drop(t.Context()))
	fixture.Fill(t, db, 20, 320)
	j := c.Incremental()
	require.Equal(t, "completed", j.Status, j.Error)
	require.Contains(t, j.Because, "was dropped and made anew since the last sync")
	require.EqualValues(t, 20, j.Counters.Created)
	require.EqualValues(t, 20, j.Counters.Deleted)
	require.EqualValues(t, 280, j.Counters.Unchanged)
	holds(t, c, s)
}

// dropped takes the collection away: the sync that says so is stopped by the
// guard until somebody allows the deletions.
func dropped(t *testing.T) {
	t.Parallel()
	db := fixture.Database(t)
	fixture.Fill(t, db, 0, 150)
	s := on(t, db, fixture.Collection)
	c := connected(t, s)
	require.Equal(t, "completed", c.Full().Status)
	before := c.Documents()
	require.NoError(t, db.Collection(fixture.Collection).Drop(t.Context()))
	j := c.Incremental()
	require.Equal(t, "error", j.Status)
	require.Contains(t, j.Because, "the collection papers was dropped since the last sync")
	require.Contains(t, j.Error, "the source no longer has 150 of the 150 documents in the index (that is all of them): nothing was deleted")
	c.Holds(before)
	j = c.Full("--allow-deletes")
	require.Equal(t, "completed", j.Status, j.Error)
	require.EqualValues(t, 150, j.Counters.Deleted)
	require.Empty(t, c.Documents())
	require.Equal(t, "completed", c.Incremental().Status)

	fixture.Fill(t, db, 0, 10)
	j = c.Incremental()
	require.Contains(t, j.Because, "the collection papers was made since the last sync")
	holds(t, c, s)
}

// TestWhatTheServerIsAsked proves by the commands that it gets that 1,000
// changes arrive without a full read.
func TestWhatTheServerIsAsked(t *testing.T) {
	t.Parallel()
	db := fixture.Database(t)
	fixture.Fill(t, db, 0, 1500)
	r := newRelay(t, fixture.URL(t), pass)
	c := connected(t, behind(t, r, db))
	require.Equal(t, "completed", c.Full().Status)
	r.asked()
	papers := db.Collection(fixture.Collection)
	_, err := papers.UpdateMany(t.Context(), d("_id", d("$lt", fixture.ID(500))), d("$set", d("state", "changed")))
	require.NoError(t, err)
	_, err = papers.DeleteMany(t.Context(), d("_id", d("$gte", fixture.ID(1300))))
	require.NoError(t, err)
	fixture.Fill(t, db, 1500, 1800)
	j := c.Incremental()
	require.Equal(t, "completed", j.Status, j.Error)
	require.Empty(t, j.Because)
	require.EqualValues(t, 500, j.Counters.Updated)
	require.EqualValues(t, 300, j.Counters.Created)
	require.EqualValues(t, 200, j.Counters.Deleted)
	asked := 0
	for _, cmd := range r.asked() {
		name, text := cmd.Index(0).Key(), cmd.String()
		switch ids, err := cmd.LookupErr("filter", "_id", "$in"); {
		case err == nil:
			values, err := ids.Array().Values()
			require.NoError(t, err)
			asked += len(values)
		case name == "find": // the first and the last _id
			require.EqualValues(t, 1, cmd.Lookup("limit").AsInt64(), text)
			require.False(t, cmd.Lookup("projection", "_id").IsZero(), text)
		case name == "aggregate":
			require.True(t, streams(name, cmd), text)
		}
	}
	require.Equal(t, 1000, asked, "documents were asked for by _id, each once")
	holds(t, c, on(t, db, fixture.Collection))
}
