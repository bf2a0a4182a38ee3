package mongodb_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/mongodb/fixture"
)

// mongos says of a scripted server that it stands before several shards.
var mongos = bson.D{{Key: "msg", Value: "isdbgrid"}}

// happened is an event of a change stream.
func happened(token, operation string, id any) bson.D {
	return d("_id", d("_data", token), "operationType", operation, "ns", d("db", "db", "coll", "c"), "documentKey", d("_id", id))
}

// streaming answers a change stream by the number of the request.
func streaming(t testing.TB, hello bson.D, answer func(n int, name string, cmd bson.Raw) bson.D) *scripted {
	t.Helper()
	n := 0
	return serve(t, hello, func(name string, cmd bson.Raw) bson.D {
		switch name {
		case "aggregate", "getMore":
			n++
			return answer(n, name, cmd)
		case "find":
			return batch(cmd, 0, d("_id", 1, "a", "new"))
		}
		return usual(name, cmd)
	})
}

const stored = `{"token":"EwAAAAJfZGF0YQADAAAAZmYAAA==","uuid":"00000000000000000000000000000001","rank":4}`

func TestAPositionIsBeforeTheSync(t *testing.T) {
	s := streaming(t, nil, func(_ int, _ string, cmd bson.Raw) bson.D { return batch(cmd, 7) })
	at := position(t, open(t, s.settings()))
	require.JSONEq(t, stored, string(at))
	require.Len(t, s.commands("aggregate"), 1)
}

func TestAServerThatTellsNoPosition(t *testing.T) {
	n := 0
	s := streaming(t, nil, func(_ int, _ string, cmd bson.Raw) bson.D {
		n++
		which := "firstBatch"
		if n > 1 {
			which = "nextBatch"
		}
		return d("ok", 1.0, "cursor", d("id", int64(7), "ns", "db.c", which, bson.A{}))
	})
	require.JSONEq(t, `{"none":"the server does not tell its position"}`, string(position(t, open(t, s.settings()))))
}

func TestAPositionThatComesLater(t *testing.T) {
	s := streaming(t, nil, func(n int, _ string, cmd bson.Raw) bson.D {
		if n == 1 {
			return d("ok", 1.0, "cursor", d("id", int64(7), "ns", "db.c", "firstBatch", bson.A{}))
		}
		return batch(cmd, 7)
	})
	require.JSONEq(t, stored, string(position(t, open(t, s.settings()))))
}

func TestAPositionThatCanNotBeAsked(t *testing.T) {
	s := streaming(t, nil, func(n int, _ string, cmd bson.Raw) bson.D {
		return refusal(91, "ShutdownInProgress")
	})
	_, err := open(t, s.settings()).Position(t.Context())
	require.ErrorContains(t, err, "follow the changes: (ShutdownInProgress)")
}

func TestAStepDownDoesNotLoseThePosition(t *testing.T) {
	for _, hello := range []bson.D{nil, mongos} {
		s := streaming(t, hello, func(n int, _ string, cmd bson.Raw) bson.D {
			switch n {
			case 1:
				return batch(cmd, 7, happened("01", "update", 1))
			case 2:
				return refusal(10107, "NotWritablePrimary", "ResumableChangeStreamError")
			}
			return batch(cmd, 8)
		})
		x := index{"1": "old", "2": "stays"}
		_, err := x.apply(t.Context(), open(t, s.settings()), connector.Cursor(stored), rules(""))
		require.NoError(t, err)
		require.Equal(t, index{"1": `"a":"new"`, "2": "stays"}, x)
		opened := s.commands("aggregate")
		require.Len(t, opened, 2)
		require.Contains(t, opened[1].String(), `"resumeAfter": {"_data": "ff"}`)
	}
}

func TestLostPositions(t *testing.T) {
	for name, test := range map[string]struct {
		answer func(n int, cmd bson.Raw) bson.D
		why    string
	}{
		"history, at once": {func(int, bson.Raw) bson.D { return refusal(286, "ChangeStreamHistoryLost") }, "no longer reaches back to the last sync; sync more often"},
		"history, later": {func(n int, cmd bson.Raw) bson.D {
			if n == 1 {
				return batch(cmd, 7)
			}
			return refusal(286, "ChangeStreamHistoryLost", "NonResumableChangeStreamError")
		}, "no longer reaches back to the last sync"},
		"token of another deployment": {func(int, bson.Raw) bson.D { return refusal(260, "InvalidResumeToken") }, "the server can't go on from there"},
		"fatal":                       {func(int, bson.Raw) bson.D { return refusal(280, "ChangeStreamFatalError") }, "the server can't go on from there"},
		"invalidate":                  {func(_ int, cmd bson.Raw) bson.D { return batch(cmd, 0, happened("01", "invalidate", nil)) }, "the collection was dropped or renamed"},
		"drop":                        {func(_ int, cmd bson.Raw) bson.D { return batch(cmd, 7, happened("01", "drop", nil)) }, "the collection c was dropped"},
		"rename": {func(_ int, cmd bson.Raw) bson.D {
			return batch(cmd, 7, append(happened("01", "rename", nil), d("to", d("coll", "e"))...))
		}, "the collection c was renamed to e"},
		"drop database": {func(_ int, cmd bson.Raw) bson.D { return batch(cmd, 7, happened("01", "dropDatabase", nil)) }, "the database db was dropped"},
		"end":           {func(_ int, cmd bson.Raw) bson.D { return batch(cmd, 0) }, "the server has ended the change stream"},
	} {
		t.Run(name, func(t *testing.T) {
			s := streaming(t, nil, func(n int, _ string, cmd bson.Raw) bson.D { return test.answer(n, cmd) })
			source := open(t, s.settings())
			x := index{"1": "stays"}
			_, err := x.apply(t.Context(), source, connector.Cursor(stored), rules(""))
			require.ErrorIs(t, err, connector.ErrPositionLost)
			require.ErrorContains(t, err, test.why)
			require.Equal(t, index{"1": "stays"}, x)
			s.mu.Lock()
			s.log = nil
			s.mu.Unlock()
			yes, _ := source.Changed(t.Context(), connector.Cursor(stored))
			require.True(t, yes)
		})
	}
}

func TestOtherEventsAreNoChanges(t *testing.T) {
	s := streaming(t, nil, func(n int, _ string, cmd bson.Raw) bson.D {
		if n == 1 {
			return batch(cmd, 7, happened("01", "createIndexes", nil), happened("02", "modify", nil))
		}
		return batch(cmd, 7)
	})
	next, err := index{}.apply(t.Context(), open(t, s.settings()), connector.Cursor(stored), rules(""))
	require.NoError(t, err)
	require.NotEmpty(t, next)
}

func TestFailuresThatPassDoNotLoseThePosition(t *testing.T) {
	for _, failure := range []bson.D{refusal(13, "Unauthorized"), refusal(91, "ShutdownInProgress")} {
		s := streaming(t, nil, func(int, string, bson.Raw) bson.D { return failure })
		_, err := index{}.apply(t.Context(), open(t, s.settings()), connector.Cursor(stored), rules(""))
		require.ErrorContains(t, err, "follow the changes")
		require.NotErrorIs(t, err, connector.ErrPositionLost)
	}
}

func TestNoHistory(t *testing.T) {
	for name, test := range map[string]struct {
		failure bson.D
		why     string
	}{
		"standalone":   {refusal(40573, "Location40573"), "the server is no member of a replica set"},
		"no privilege": {refusal(13, "Unauthorized"), `grantRolesToUser("(none)", [{role: "read", db: "db"}])`},
		"not known":    {refusal(59, "CommandNotFound"), "the server refuses it: follow the changes: (CommandNotFound) it is refused"},
	} {
		t.Run(name, func(t *testing.T) {
			s := streaming(t, nil, func(int, string, bson.Raw) bson.D { return test.failure })
			source, log, err := tryOpen(t, s.settings())
			require.NoError(t, err)
			at, err := source.Position(t.Context())
			require.NoError(t, err)
			require.Contains(t, log.String(), "every sync reads everything")
			yes, err := source.Changed(t.Context(), at)
			require.NoError(t, err)
			require.True(t, yes)
			_, err = index{}.apply(t.Context(), source, at, rules(""))
			require.ErrorIs(t, err, connector.ErrPositionLost)
			require.ErrorContains(t, err, test.why)
		})
	}
}

// own starts a server of its own.
func own(t testing.TB, dir string, flags ...string) string {
	t.Helper()
	url, err := fixture.Start(dir, flags...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, fixture.Stop(dir, true)) })
	return url
}

func client(t testing.TB, url string) *mongo.Client {
	t.Helper()
	c, err := mongo.Connect(options.Client().ApplyURI(url))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Disconnect(t.Context())) })
	return c
}

func TestAStandaloneServer(t *testing.T) {
	t.Parallel()
	url := own(t, t.TempDir(), "--standalone")
	c := client(t, url).Database("db").Collection("c")
	insert(t, c, d("_id", 1))
	source := open(t, settings{"host": url, "database": "db", "collection": "c"})
	require.NoError(t, source.ValidateConfig(t.Context()))
	position(t, source)
	require.Equal(t, []string{"1"}, mustGet(t, source, rules("")).ids())
}

func TestAServerThatIsRestarted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	url, err := fixture.Start(dir)
	require.NoError(t, err)
	port := url[strings.LastIndex(url, ":")+1 : strings.Index(url, "/?")]
	first, err := mongo.Connect(options.Client().ApplyURI(url))
	require.NoError(t, err)
	insert(t, first.Database("db").Collection("c"), d("_id", 1), d("_id", 2), d("_id", 3), d("_id", 4))
	s := settings{"host": url, "database": "db", "collection": "c"}
	source := open(t, s)
	at := position(t, source)
	x := mustGet(t, source, rules(""))
	edit(t, first.Database("db").Collection("c"))
	require.NoError(t, first.Disconnect(t.Context()))
	require.NoError(t, fixture.Stop(dir, false))

	again, err := fixture.StartAt(port, dir)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, fixture.Stop(dir, true)) })
	require.Equal(t, url, again)
	require.True(t, changed(t, source, at))
	x.converges(t, source, at, rules(""))
	require.Equal(t, []string{"1", "2", "4", "5", "7"}, x.ids())
}
