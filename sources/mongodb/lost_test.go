package mongodb_test

import (
	"log/slog"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/mongodb"
	"github.com/tributary-search/tributary/sources/mongodb/fixture"
)

// filterOf is the filter of a find as relaxed Extended JSON.
func filterOf(t testing.TB, cmd bson.Raw) string {
	t.Helper()
	text, err := bson.MarshalExtJSON(cmd.Lookup("filter").Document(), false, false)
	require.NoError(t, err)
	return string(text)
}

func TestAReadGoesOnAfterALostCursor(t *testing.T) {
	for name, failure := range map[string]bson.D{
		"lost cursor": refusal(43, "CursorNotFound"),
		"step-down":   refusal(10107, "NotWritablePrimary"),
		"shutdown":    refusal(91, "ShutdownInProgress"),
		"killed":      refusal(237, "CursorKilled"),
		"broken line": nil,
	} {
		t.Run(name, func(t *testing.T) {
			failed := false
			s := serve(t, nil, func(name string, cmd bson.Raw) bson.D {
				switch {
				case full(name, cmd) && !failed:
					return batch(cmd, 7, d("_id", 1), d("_id", 2))
				case full(name, cmd):
					return batch(cmd, 0, d("_id", 3), d("_id", "x"))
				case name == "getMore":
					failed = true
					return failure
				}
				return usual(name, cmd)
			})
			source, log, err := tryOpen(t, s.settings())
			require.NoError(t, err)
			require.Equal(t, []string{"1", "2", "3", "x"}, mustGet(t, source, rules("")).ids())
			require.Contains(t, log.String(), "the read goes on after a failure")
			finds := s.commands("sort")
			require.Equal(t, `{}`, filterOf(t, finds[2]))
			require.Equal(t, `{"$and":[{},{"$or":[{"_id":{"$gt":2}},{"_id":{"$type":[2,14,3,4,5,7,8,9,17,11,12,13,15,127]}}]}]}`, filterOf(t, finds[len(finds)-1]))
		})
	}
}

func TestAReadThatFailsForGoodEnds(t *testing.T) {
	s := serve(t, nil, func(name string, cmd bson.Raw) bson.D {
		if full(name, cmd) {
			return refusal(43, "CursorNotFound")
		}
		return usual(name, cmd)
	})
	_, err := get(t.Context(), open(t, s.settings()), rules(""))
	require.EqualError(t, err, "collection c: read: (CursorNotFound) it is refused")
	require.Len(t, s.commands("batchSize"), 5)
}

func TestReadsThatCanNotGoOn(t *testing.T) {
	for _, rule := range []string{`{"aggregate":{"pipeline":[{"$match":{}}]}}`, `{"find":{"limit":5}}`, `{"find":{"skip":1,"sort":{"a":1}}}`} {
		s := serve(t, nil, func(name string, cmd bson.Raw) bson.D {
			switch {
			case full(name, cmd), name == "aggregate":
				return batch(cmd, 7, d("_id", 1))
			case name == "getMore":
				return refusal(43, "CursorNotFound")
			}
			return usual(name, cmd)
		})
		_, err := get(t.Context(), open(t, s.settings()), rules(rule))
		require.EqualError(t, err, "collection c: read: (CursorNotFound) it is refused", rule)
		require.Len(t, s.commands("getMore"), 1)
	}
}

func TestAReadWithAFilterStartsAnew(t *testing.T) {
	tries := 0
	s := serve(t, nil, func(name string, cmd bson.Raw) bson.D {
		switch {
		case full(name, cmd):
			if tries++; tries == 1 {
				return batch(cmd, 7, d("_id", 1))
			}
			return batch(cmd, 0, d("_id", 1), d("_id", 2))
		case name == "getMore":
			return refusal(43, "CursorNotFound")
		}
		return usual(name, cmd)
	})
	require.Equal(t, []string{"1", "2"}, mustGet(t, open(t, s.settings()), rules(`{"find":{"filter":{"a":1}}}`)).ids())
	require.Empty(t, s.commands("sort")[2:])
}

func TestACollectionDroppedWhileRead(t *testing.T) {
	uuid := byte(1)
	s := serve(t, nil, func(name string, cmd bson.Raw) bson.D {
		switch {
		case full(name, cmd):
			uuid = 2
			return batch(cmd, 0, d("_id", 1))
		case name == "listCollections":
			return listed(cmd, uuid)
		}
		return usual(name, cmd)
	})
	_, err := get(t.Context(), open(t, s.settings()), rules(""))
	require.EqualError(t, err, "collection c: it was dropped, renamed or made anew while it was read; the next sync reads what is there then")
}

func TestACollectionDroppedInTheMiddle(t *testing.T) {
	db := fixture.Database(t)
	fixture.Fill(t, db, 0, 1100)
	source := open(t, on(t, db, fixture.Collection))
	n := 0
	err := source.GetDocs(t.Context(), rules(""), func(doc connector.Document) error {
		if n++; n == 10 {
			require.NoError(t, db.Collection(fixture.Collection).Drop(t.Context()))
		}
		doc.Release()
		return nil
	})
	require.ErrorContains(t, err, "collection papers: ")
	t.Log(err)
}

func TestASlowIndexKeepsTheSession(t *testing.T) {
	s := serve(t, nil, func(name string, cmd bson.Raw) bson.D {
		switch {
		case full(name, cmd):
			return batch(cmd, 0, d("_id", 1), d("_id", 2), d("_id", 3), d("_id", 4))
		case name == "refreshSessions" && len(cmd) > 0:
			return refusal(1, "InternalError") // which does no harm
		}
		return usual(name, cmd)
	})
	now := time.Unix(0, 0)
	source, err := openWith(t, s.settings(), connector.Deps{Log: slog.New(slog.DiscardHandler), Now: func() time.Time {
		now = now.Add(3 * time.Minute)
		return now
	}})
	require.NoError(t, err)
	require.Len(t, mustGet(t, source, rules("")), 4)
	refreshed := s.commands("refreshSessions")
	require.Len(t, refreshed, 1)
	finds := s.commands("sort")
	require.Equal(t, finds[2].Lookup("lsid").String(), refreshed[0].Lookup("refreshSessions", "0").String())
}

// TestMixedIDs reads a collection with ids of every type, and goes on behind
// each of them. (Binary data of several subtypes the test server does not order
// as MongoDB does.)
func TestMixedIDs(t *testing.T) {
	db := fixture.Database(t)
	c := db.Collection("c")
	ids := []any{
		bson.MinKey{}, nil, math.NaN(), math.Inf(-1), int32(5), int64(6), 6.5, decimal(t, "7.25"), math.Inf(1), "5", "", "7.25", bson.D{{Key: "a", Value: 1}},
		bson.D{{Key: "a", Value: "1"}}, bson.Binary{Subtype: 4, Data: sixteen}, object, object.Hex(), false, true,
		bson.DateTime(5), bson.Timestamp{T: 1, I: 1}, bson.MaxKey{},
	}
	for _, id := range ids {
		insert(t, c, d("_id", id))
	}
	source := open(t, on(t, db, "c"))
	all := mustGet(t, source, rules(""))
	require.Len(t, all, len(ids))

	sorted := func(filter any) []string {
		cursor, err := c.Find(t.Context(), filter, options.Find().SetSort(d("_id", 1)))
		require.NoError(t, err)
		var list []string
		for cursor.Next(t.Context()) {
			list = append(list, cursor.Current.String())
		}
		require.NoError(t, cursor.Err())
		return list
	}
	cursor, err := c.Find(t.Context(), d(), options.Find().SetSort(d("_id", 1)))
	require.NoError(t, err)
	var docs []bson.Raw
	require.NoError(t, cursor.All(t.Context(), &docs))
	whole := sorted(d())
	for i, doc := range docs {
		require.Equal(t, whole[i+1:], append([]string{}, sorted(mongodb.After(doc))...), "%s", doc)
	}
}
