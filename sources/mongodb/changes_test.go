package mongodb_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/mongodb"
	"github.com/tributary-search/tributary/sources/mongodb/fixture"
)

// position is where the source stands.
func position(t testing.TB, source *mongodb.Source) connector.Cursor {
	t.Helper()
	at, err := source.Position(t.Context())
	require.NoError(t, err)
	return at
}

func changed(t testing.TB, source *mongodb.Source, since connector.Cursor) bool {
	t.Helper()
	yes, err := source.Changed(t.Context(), since)
	require.NoError(t, err)
	return yes
}

// converges applies the changes and compares with a full read.
func (x index) converges(t testing.TB, source *mongodb.Source, since connector.Cursor, filter connector.Filter) connector.Cursor {
	t.Helper()
	next, err := x.apply(t.Context(), source, since, filter)
	require.NoError(t, err)
	require.Equal(t, mustGet(t, source, filter), x)
	return next
}

// edit changes documents in every way.
func edit(t testing.TB, c *mongo.Collection) {
	t.Helper()
	ctx := t.Context()
	_, err := c.UpdateOne(ctx, d("_id", 1), d("$set", d("a", "updated")))
	require.NoError(t, err)
	_, err = c.ReplaceOne(ctx, d("_id", 2), d("b", "replaced"))
	require.NoError(t, err)
	_, err = c.DeleteOne(ctx, d("_id", 3))
	require.NoError(t, err)
	insert(t, c, d("_id", 5, "a", "new"), d("_id", 6, "a", "soon gone"), d("_id", 7))
	_, err = c.UpdateMany(ctx, d("_id", d("$gte", 5)), d("$inc", d("n", 1)))
	require.NoError(t, err)
	_, err = c.DeleteOne(ctx, d("_id", 6))
	require.NoError(t, err)
}

func TestChanges(t *testing.T) {
	db := fixture.Database(t)
	c := db.Collection("c")
	insert(t, c, d("_id", 1, "a", "x"), d("_id", 2, "a", "x"), d("_id", 3, "a", "x"), d("_id", 4, "a", "x"))
	source := open(t, on(t, db, "c"))
	at := position(t, source)
	x := mustGet(t, source, rules(""))
	require.False(t, changed(t, source, at))
	edit(t, c)
	require.True(t, changed(t, source, at))

	other := open(t, on(t, db, "c")) // as after a restart
	require.True(t, changed(t, other, at))
	next := x.converges(t, other, at, rules(""))
	require.Equal(t, []string{"1", "2", "4", "5", "7"}, x.ids())
	require.False(t, changed(t, other, next))
	again := x.converges(t, other, next, rules(""))
	require.False(t, changed(t, source, again))
	x.converges(t, source, at, rules("")) // the same once more does no harm
}

func TestChangesOfAnotherCollectionDoNotCount(t *testing.T) {
	db := fixture.Database(t)
	insert(t, db.Collection("c"), d("_id", 1))
	source := open(t, on(t, db, "c"))
	at := position(t, source)
	insert(t, db.Collection("other"), d("_id", 1))
	require.False(t, changed(t, source, at))
}

func TestChangesUnderRules(t *testing.T) {
	for name, rule := range map[string]string{
		"filter":     `{"find":{"filter":{"state":"open"},"projection":["state","n"]}}`,
		"date":       `{"find":{"filter":{"state":"open","at":{"$lt":{"$date":"2026-01-01T00:00:00Z"}}}}}`,
		"projection": `{"find":{"projection":{"n":0}}}`,
		"pipeline":   `{"aggregate":{"pipeline":[{"$match":{"state":"open"}},{"$set":{"twice":{"$multiply":["$n",2]}}},{"$unset":"n"},{"$project":{"at":0}}]}}`,
	} {
		t.Run(name, func(t *testing.T) {
			db := fixture.Database(t)
			c := db.Collection("c")
			for i := range 20 {
				insert(t, c, d("_id", i, "n", i, "state", []string{"open", "closed"}[i%2], "at", bson.DateTime(1700000000000)))
			}
			source := open(t, on(t, db, "c"))
			at := position(t, source)
			x := mustGet(t, source, rules(rule))
			_, err := c.UpdateMany(t.Context(), d("_id", d("$lt", 6)), d("$set", d("state", "closed")))
			require.NoError(t, err)
			_, err = c.UpdateMany(t.Context(), d("_id", d("$gt", 14)), d("$set", d("state", "open", "n", 1)))
			require.NoError(t, err)
			_, err = c.DeleteMany(t.Context(), d("_id", d("$in", bson.A{8, 9})))
			require.NoError(t, err)
			x.converges(t, source, at, rules(rule))
		})
	}
}

func TestRulesThatNeedAFullSync(t *testing.T) {
	db := fixture.Database(t)
	insert(t, db.Collection("c"), d("_id", 1))
	source := open(t, on(t, db, "c"))
	at := position(t, source)
	for rule, why := range map[string]string{
		`{"find":{"limit":5}}`:                                                           "with skip, limit or return_key",
		`{"find":{"skip":5}}`:                                                            "with skip, limit or return_key",
		`{"find":{"return_key":true}}`:                                                   "with skip, limit or return_key",
		`{"find":{"collation":{"locale":"de"}}}`:                                         "with a collation",
		`{"aggregate":{"pipeline":[{"$group":{"_id":"$a"}}]}}`:                           "of more than one document",
		`{"aggregate":{"pipeline":[{"$set":{"_id":"$a"}}]}}`:                             "of more than one document",
		`{"aggregate":{"pipeline":[{"$project":{"_id":"$a"}}]}}`:                         "of more than one document",
		`{"aggregate":{"pipeline":[{"$project":1}]}}`:                                    "of more than one document",
		`{"aggregate":{"pipeline":[{"$match":{"a":1}},{"$addFields":{"_id":{"x":1}}}]}}`: "of more than one document",
	} {
		_, err := index{}.apply(t.Context(), source, at, rules(rule))
		require.ErrorIs(t, err, connector.ErrPositionLost, rule)
		require.ErrorContains(t, err, why)
	}
	_, err := index{}.apply(t.Context(), source, at, rules(`{"find":{"filter":{"$where":"1"}}}`))
	require.ErrorContains(t, err, "$where is not allowed")
	require.NotErrorIs(t, err, connector.ErrPositionLost)
}

func TestManyChanges(t *testing.T) {
	t.Parallel()
	db := fixture.Database(t)
	c := db.Collection(fixture.Collection)
	fixture.Fill(t, db, 0, 1000)
	source := open(t, on(t, db, fixture.Collection))
	at := position(t, source)
	x := mustGet(t, source, rules(""))
	_, err := c.UpdateMany(t.Context(), d("_id", d("$lt", fixture.ID(600))), d("$set", d("state", "changed")))
	require.NoError(t, err)
	_, err = c.DeleteMany(t.Context(), d("_id", d("$gte", fixture.ID(500), "$lt", fixture.ID(700))))
	require.NoError(t, err)
	fixture.Fill(t, db, 1000, 1400) // more than are looked at as one

	var cursors []connector.Cursor
	half := index{}
	for id, fields := range x {
		half[id] = fields
	}
	stop := errors.New("killed")
	_, err = source.Changes(t.Context(), at, rules(""), func(c connector.Change) error {
		if len(cursors) > 0 {
			return stop
		}
		if c.Deleted {
			delete(half, c.ID)
		} else {
			half.put(c.Document)
		}
		if c.Cursor != nil {
			cursors = append(cursors, c.Cursor)
		}
		return nil
	})
	require.ErrorIs(t, err, stop)
	half.converges(t, open(t, on(t, db, fixture.Collection)), cursors[0], rules("")) // goes on in the middle
	x.converges(t, source, at, rules(""))
	require.Len(t, x, 1200)
}

func TestWritesDuringAFullSync(t *testing.T) {
	t.Parallel()
	db := fixture.Database(t)
	c := db.Collection(fixture.Collection)
	fixture.Fill(t, db, 0, 1500)
	source := open(t, on(t, db, fixture.Collection))
	at := position(t, source)
	x, n := index{}, 0
	err := source.GetDocs(t.Context(), rules(""), func(doc connector.Document) error {
		if n++; n%20 == 0 {
			_, err := c.UpdateOne(t.Context(), d("_id", fixture.ID((n*7)%1500)), d("$inc", d("n", 1)))
			require.NoError(t, err)
			_, err = c.DeleteOne(t.Context(), d("_id", fixture.ID((n*13)%1500)))
			require.NoError(t, err)
			fixture.Fill(t, db, 10000+n, 10001+n)
		}
		x.put(doc)
		return nil
	})
	require.NoError(t, err)
	next := x.converges(t, source, at, rules(""))
	require.False(t, changed(t, source, next))
}

func TestIDsOfASecondType(t *testing.T) {
	db := fixture.Database(t)
	c := db.Collection("c")
	insert(t, c, d("_id", "5"))
	source := open(t, on(t, db, "c"))
	at := position(t, source)
	insert(t, c, d("_id", 5))
	_, err := index{}.apply(t.Context(), source, at, rules(""))
	require.ErrorIs(t, err, connector.ErrPositionLost)
	require.ErrorContains(t, err, "the ids of the collection c were all of one type")
	at = position(t, source)
	x := mustGet(t, source, rules(""))
	require.Equal(t, []string{`"5"`, "5"}, x.ids())
	_, err = c.UpdateMany(t.Context(), d(), d("$set", d("a", 1)))
	require.NoError(t, err)
	x.converges(t, source, at, rules(""))
}

func TestChangesOfSeveralCollections(t *testing.T) {
	db := fixture.Database(t)
	for _, name := range []string{"logs.a", "logs.b", "other"} {
		insert(t, db.Collection(name), d("_id", 1, "a", "x"), d("_id", 2, "a", "x"), d("_id", 3, "a", "x"))
	}
	source := open(t, on(t, db, "logs.*"))
	at := position(t, source)
	x := mustGet(t, source, rules(""))
	require.Equal(t, []string{"logs.a/1", "logs.a/2", "logs.a/3", "logs.b/1", "logs.b/2", "logs.b/3"}, x.ids())
	edit(t, db.Collection("other"))
	require.False(t, changed(t, source, at))
	edit(t, db.Collection("logs.a"))
	edit(t, db.Collection("logs.b"))
	insert(t, db.Collection("logs.new"), d("_id", 1))
	require.True(t, changed(t, source, at))
	at = x.converges(t, source, at, rules(""))
	require.Contains(t, x, "logs.new/1")

	require.NoError(t, db.Collection("logs.b").Drop(t.Context()))
	_, err := x.apply(t.Context(), source, at, rules(""))
	require.ErrorIs(t, err, connector.ErrPositionLost)
	require.ErrorContains(t, err, "the collection logs.b was dropped")
}

func TestUpheavals(t *testing.T) {
	rename := func(ctx context.Context, db *mongo.Database, from, to string) error {
		return db.Client().Database("admin").RunCommand(ctx, d("renameCollection", db.Name()+"."+from, "to", db.Name()+"."+to)).Err()
	}
	for name, test := range map[string]struct {
		collection string
		do         func(context.Context, *mongo.Database) error
		why        string
	}{
		"drop":        {"c", func(ctx context.Context, db *mongo.Database) error { return db.Collection("c").Drop(ctx) }, "the collection c was dropped since the last sync"},
		"drop of one": {"c,e", func(ctx context.Context, db *mongo.Database) error { return db.Collection("c").Drop(ctx) }, "the collection c was dropped"},
		"made anew": {"c", func(ctx context.Context, db *mongo.Database) error {
			_, err := db.Collection("c").InsertOne(ctx, d("_id", 9))
			return errors.Join(db.Collection("c").Drop(ctx), db.CreateCollection(ctx, "c"), err)
		}, "was dropped and made anew"},
		"rename":        {"*", func(ctx context.Context, db *mongo.Database) error { return rename(ctx, db, "c", "f") }, "the collection c was renamed to f"},
		"rename into":   {"c*,e", func(ctx context.Context, db *mongo.Database) error { return rename(ctx, db, "x", "cx") }, "the collection x was renamed to cx"},
		"drop database": {"*", func(ctx context.Context, db *mongo.Database) error { return db.Drop(ctx) }, "the collection c was dropped"},
	} {
		t.Run(name, func(t *testing.T) {
			db := fixture.Database(t)
			for _, c := range []string{"c", "e", "x"} {
				insert(t, db.Collection(c), d("_id", 1))
			}
			source := open(t, on(t, db, test.collection))
			at := position(t, source)
			require.NoError(t, test.do(t.Context(), db))
			_, err := index{}.apply(t.Context(), source, at, rules(""))
			require.ErrorContains(t, err, replaceDB(test.why, db.Name()))
			yes, _ := source.Changed(t.Context(), at)
			require.True(t, yes)
		})
	}
}

func TestForeignCursors(t *testing.T) {
	db := fixture.Database(t)
	insert(t, db.Collection("c"), d("_id", 1))
	source := open(t, on(t, db, "c"))
	for _, since := range []string{`{"token":"AAAA"}`, `{"token":"BQAAAAA="}`, `{"uuid":"00"}`, `{}`, `7`} {
		_, err := index{}.apply(t.Context(), source, connector.Cursor(since), rules(""))
		require.ErrorIs(t, err, connector.ErrPositionLost, since)
		yes, err := source.Changed(t.Context(), connector.Cursor(since))
		require.True(t, yes)
		require.ErrorIs(t, err, connector.ErrPositionLost, since)
	}
}

func TestAStreamThatIsStopped(t *testing.T) {
	db := fixture.Database(t)
	insert(t, db.Collection("c"), d("_id", 1))
	source := open(t, on(t, db, "c"))
	at := position(t, source)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := index{}.apply(ctx, source, at, rules(""))
	require.ErrorIs(t, err, context.Canceled)
	_, err = source.Position(ctx)
	require.ErrorIs(t, err, context.Canceled)
}
