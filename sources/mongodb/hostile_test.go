package mongodb_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/mongodb/fixture"
)

// odd are names of collections that MongoDB allows.
var odd = []string{"a.b.c", "with space", "😀", "quo'te\"", "back`tick", "star*", "com,ma", `back\slash`, "per%cent", "a/b", "ключ", "(a|b)", "^a"}

func TestOddNames(t *testing.T) {
	db := fixture.Database(t)
	for _, name := range odd {
		insert(t, db.Collection(name), d("_id", 1, "name", name))
	}
	escape := strings.NewReplacer(`\`, `\\`, "*", `\*`, ",", `\,`)
	for _, name := range odd {
		source := open(t, on(t, db, escape.Replace(name)))
		require.NoError(t, source.ValidateConfig(t.Context()), name)
		at := position(t, source)
		x := mustGet(t, source, rules(""))
		require.Equal(t, []string{"1"}, x.ids(), name)
		insert(t, db.Collection(name), d("_id", 2))
		require.True(t, changed(t, source, at))
		x.converges(t, source, at, rules(""))
	}
	all := open(t, on(t, db, "*"))
	at := position(t, all)
	x := mustGet(t, all, rules(""))
	require.Len(t, x, 2*len(odd))
	require.Contains(t, x, "a%2Fb/1")
	require.Contains(t, x, "per%25cent/2")
	for _, name := range odd {
		insert(t, db.Collection(name), d("_id", 3))
	}
	x.converges(t, all, at, rules(""))

	list := make([]string, len(odd))
	for i, name := range odd {
		list[i] = escape.Replace(name)
	}
	require.Equal(t, x, mustGet(t, open(t, on(t, db, strings.Join(list, ", "))), rules("")))
}

func TestADollarInTheName(t *testing.T) {
	db := fixture.Database(t)
	insert(t, db.Collection("c"), d("_id", 1))
	err := open(t, on(t, db, "a$b")).ValidateConfig(t.Context())
	require.EqualError(t, err, fmt.Sprintf("Collection: database %s has no collection a$b; it has c", db.Name()))
}

func TestSystemCollectionsAreNoMatch(t *testing.T) {
	db := fixture.Database(t)
	insert(t, db.Collection("c"), d("_id", 1))
	require.NoError(t, db.CreateView(t.Context(), "view", "c", []bson.D{})) // makes system.views
	require.Equal(t, []string{"c/1", "view/1"}, mustGet(t, open(t, on(t, db, "*")), rules("")).ids())
}

func TestManyCollections(t *testing.T) {
	db := fixture.Database(t)
	for i := range 30 {
		insert(t, db.Collection(fmt.Sprintf("c%04d", i)), d("_id", i))
	}
	source := open(t, on(t, db, "c*"))
	require.Less(t, len(position(t, source)), connector.MaxCursor)
	require.Len(t, mustGet(t, source, rules("")), 30)
	require.ErrorContains(t, open(t, on(t, db, "nope")).ValidateConfig(t.Context()), "c0019 and 10 more")
}

func TestAThousandCollections(t *testing.T) {
	all := make([]any, 1000)
	for i := range all {
		all[i] = d("name", fmt.Sprintf("c%d", i), "type", "collection", "info", d("uuid", bson.Binary{Subtype: 4, Data: sixteen}))
	}
	s := serve(t, nil, func(name string, cmd bson.Raw) bson.D {
		switch name {
		case "aggregate":
			return batch(cmd, 7)
		case "listCollections":
			if one, ok := cmd.Lookup("filter", "name").StringValueOK(); ok {
				return batch(cmd, 0, d("name", one, "type", "collection", "info", d("uuid", bson.Binary{Subtype: 4, Data: sixteen})))
			}
			return batch(cmd, 0, all...)
		}
		return usual(name, cmd)
	})
	source := open(t, s.settings().with(settings{"collection": "c*"}))
	require.Less(t, len(position(t, source)), 100)
	require.Len(t, mustGet(t, source, rules("")), 1000)
	require.Len(t, s.commands("aggregate"), 1)
	require.Len(t, s.commands("batchSize"), 1000)
	require.Len(t, s.commands("listCollections"), 1002) // all of them twice, each one once
}

func TestAHugeDocument(t *testing.T) {
	t.Parallel()
	db := fixture.Database(t)
	c := db.Collection("c")
	huge := strings.Repeat("0123456789abcde\n", 15<<16)
	insert(t, c, d("_id", 1, "text", huge))
	source := open(t, on(t, db, "c"))
	at := position(t, source)
	x := mustGet(t, source, rules(""))
	require.Equal(t, len(`"text":""`)+len(huge)+15<<16, len(x["1"]))
	_, err := c.UpdateOne(t.Context(), d("_id", 1), d("$set", d("n", 1)))
	require.NoError(t, err)
	insert(t, c, d("_id", 2, "text", huge))
	x.converges(t, source, at, rules(""))
}

func TestAViewAndNoChangesOfIt(t *testing.T) {
	db := fixture.Database(t)
	insert(t, db.Collection("c"), d("_id", 1, "a", 1), d("_id", 2, "a", 2))
	require.NoError(t, db.CreateView(t.Context(), "view", "c", []bson.D{d("$match", d("a", 2))}))
	require.NoError(t, db.CreateView(t.Context(), "noid", "c", []bson.D{d("$project", d("_id", 0))}))
	source := open(t, on(t, db, "view"))
	require.Equal(t, []string{"2"}, mustGet(t, source, rules("")).ids())
	_, err := index{}.apply(t.Context(), source, position(t, source), rules(""))
	require.ErrorIs(t, err, connector.ErrPositionLost)
	require.ErrorContains(t, err, "view is a view, whose changes MongoDB does not tell")
	_, err = get(t.Context(), open(t, on(t, db, "noid")), rules(""))
	require.ErrorContains(t, err, "a result has no _id")
}

func TestBadDocumentsCostThemselvesOnly(t *testing.T) {
	s := serve(t, nil, func(name string, cmd bson.Raw) bson.D {
		if full(name, cmd) {
			return batch(cmd, 0, d("_id", 1, "at", bson.DateTime(1<<60)), d("_id", 2, "x", bson.MinKey{}, "y", bson.A{bson.MaxKey{}}), d("_id", 3, "u", bson.Binary{Subtype: 3, Data: sixteen}))
		}
		return usual(name, cmd)
	})
	source, log, err := tryOpen(t, s.settings())
	require.NoError(t, err)
	x := mustGet(t, source, rules(""))
	require.True(t, strings.HasPrefix(x["1"], `error: field "at": the date lies`))
	require.Equal(t, `"x":null,"y":[null]`, x["2"])
	require.Contains(t, log.String(), `msg="MinKey and MaxKey are indexed as null" collection=c field=x values=1`)
	require.Contains(t, log.String(), `field=u values=1`)
}

func TestManyFieldsThatLose(t *testing.T) {
	doc := d("_id", 1)
	for i := range 300 {
		doc = append(doc, bson.E{Key: fmt.Sprintf("f%d", i), Value: bson.MinKey{}})
	}
	db := fixture.Database(t)
	insert(t, db.Collection("c"), doc)
	source, log, err := tryOpen(t, on(t, db, "c"))
	require.NoError(t, err)
	mustGet(t, source, rules(""))
	require.Equal(t, 101, strings.Count(log.String(), "MinKey and MaxKey"))
	require.Contains(t, log.String(), "field=others values=200")
}

func TestAClosedSource(t *testing.T) {
	db := fixture.Database(t)
	insert(t, db.Collection("c"), d("_id", 1))
	source := open(t, on(t, db, "c"))
	require.Len(t, mustGet(t, source, rules("")), 1)
	require.NoError(t, source.Close())
	require.NoError(t, source.Close())
	require.Len(t, mustGet(t, source, rules("")), 1)
}

func TestALostPrivilege(t *testing.T) {
	s := serve(t, nil, func(name string, cmd bson.Raw) bson.D {
		switch {
		case full(name, cmd):
			return batch(cmd, 7, d("_id", 1))
		case name == "getMore":
			return refusal(13, "Unauthorized")
		}
		return usual(name, cmd)
	})
	x, err := get(t.Context(), open(t, s.settings()), rules(""))
	require.ErrorContains(t, err, "collection c: read: the user (none) lacks a privilege")
	require.Len(t, x, 1)
	require.Len(t, s.commands("getMore"), 1)
}

// TestWhoMayNotList reads with a user that may read a collection and not ask
// which ones there are.
func TestWhoMayNotList(t *testing.T) {
	for names, want := range map[bool]string{true: "", false: "list the collections of db: the user (none) lacks a privilege"} {
		s := serve(t, nil, func(name string, cmd bson.Raw) bson.D {
			if name == "listCollections" {
				if _, err := cmd.LookupErr("authorizedCollections"); err == nil && names {
					return batch(cmd, 0, d("name", "c", "type", "collection"))
				}
				return refusal(13, "Unauthorized")
			}
			return usual(name, cmd)
		})
		require.Equal(t, []string{"1"}, mustGet(t, open(t, s.settings()), rules("")).ids())
		x, err := get(t.Context(), open(t, s.settings().with(settings{"collection": "c*"})), rules(""))
		if want == "" {
			require.NoError(t, err)
			require.Equal(t, []string{"c/1"}, x.ids())
			continue
		}
		require.ErrorContains(t, err, want)
	}
}

func TestTooManyMixedCollections(t *testing.T) {
	s := serve(t, nil, func(name string, cmd bson.Raw) bson.D {
		switch name {
		case "listCollections":
			list := make([]any, 400)
			for i := range list {
				list[i] = d("name", fmt.Sprintf("%0100d", i), "type", "collection")
			}
			return batch(cmd, 0, list...)
		case "find":
			if cmd.Lookup("sort", "_id").AsInt64() == 1 {
				return batch(cmd, 0, d("_id", 1))
			}
			return batch(cmd, 0, d("_id", "x"))
		case "aggregate":
			return batch(cmd, 7)
		}
		return usual(name, cmd)
	})
	at := position(t, open(t, s.settings().with(settings{"collection": "*"})))
	require.Contains(t, string(at), "too many collections have ids of several types")
}
