package mongodb_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/tributary-search/tributary/sources/mongodb/fixture"
)

// TestChangesEndWhereSomethingChangesAllTheTime has a document come before
// every answer of the change stream, so that it never falls silent: a run takes
// what was there when it began, and the next one goes on behind it.
func TestChangesEndWhereSomethingChangesAllTheTime(t *testing.T) {
	const many = 30
	db := fixture.Database(t)
	c := db.Collection(fixture.Collection)
	insert(t, c, d("_id", "first"))
	asked := 0
	r := newRelay(t, fixture.URL(t), func(name string, cmd bson.Raw) bson.D {
		if name == "getMore" && asked < many {
			asked++
			_, err := c.InsertOne(t.Context(), d("_id", fmt.Sprint("meanwhile", asked)))
			if err != nil {
				return hangUp
			}
		}
		return nil
	})
	source := open(t, on(t, db, fixture.Collection))
	at, x := position(t, source), mustGet(t, source, rules(""))
	insert(t, c, d("_id", "before1"), d("_id", "before2"))

	next, err := x.apply(t.Context(), open(t, behind(t, r, db)), at, rules(""))
	require.NoError(t, err)
	require.Contains(t, x, "before1")
	require.Contains(t, x, "before2")
	require.Less(t, asked, many, "the run ended by itself, not because nothing more came")
	x.converges(t, source, next, rules(""))
}
