package mongodb_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.uber.org/goleak"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/mongodb"
	"github.com/tributary-search/tributary/sources/mongodb/fixture"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// settings are plain configuration values.
type settings map[string]any

func (s settings) with(more settings) settings {
	all := maps.Clone(s)
	maps.Copy(all, more)
	return all
}

// on reads a database of the test server.
func on(t testing.TB, db *mongo.Database, collection string) settings {
	t.Helper()
	return settings{"host": fixture.URL(t), "database": db.Name(), "collection": collection}
}

// journal is where a source logs to.
type journal struct {
	mu sync.Mutex
	bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.Buffer.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.Buffer.String()
}

// tryOpen opens a source, which is closed at the end.
func tryOpen(t testing.TB, s settings) (*mongodb.Source, *journal, error) {
	t.Helper()
	j := &journal{}
	deps := connector.Deps{Log: slog.New(slog.NewTextHandler(j, &slog.HandlerOptions{Level: slog.LevelDebug})), Now: time.Now}
	source, err := openWith(t, s, deps)
	return source, j, err
}

func openWith(t testing.TB, s settings, deps connector.Deps) (*mongodb.Source, error) {
	t.Helper()
	raw, err := json.Marshal(s)
	require.NoError(t, err)
	opened, err := mongodb.Kind().Open(t.Context(), raw, deps)
	if err != nil {
		return nil, err
	}
	source := opened.(*mongodb.Source)
	t.Cleanup(func() { require.NoError(t, source.Close()) })
	return source, nil
}

func open(t testing.TB, s settings) *mongodb.Source {
	t.Helper()
	source, _, err := tryOpen(t, s)
	require.NoError(t, err)
	return source
}

// rules makes a filter of advanced rules.
func rules(text string) connector.Filter {
	if text == "" {
		return connector.Filter{}
	}
	return connector.Filter{AdvancedRules: json.RawMessage(text)}
}

// index is what is in the index: fields by id.
type index map[string]string

func (x index) ids() []string { return slices.Sorted(maps.Keys(x)) }

// get reads everything.
func get(ctx context.Context, source *mongodb.Source, filter connector.Filter) (index, error) {
	x := index{}
	err := source.GetDocs(ctx, filter, func(d connector.Document) error {
		x.put(d)
		return nil
	})
	return x, err
}

func (x index) put(d connector.Document) {
	x[d.ID] = string(d.Fields())
	if d.Err != nil {
		x[d.ID] = "error: " + d.Err.Error()
	}
	d.Release()
}

func mustGet(t testing.TB, source *mongodb.Source, filter connector.Filter) index {
	t.Helper()
	x, err := get(t.Context(), source, filter)
	require.NoError(t, err)
	return x
}

// apply brings the index up to date with the changes since a cursor.
func (x index) apply(ctx context.Context, source *mongodb.Source, since connector.Cursor, filter connector.Filter) (connector.Cursor, error) {
	return source.Changes(ctx, since, filter, func(c connector.Change) error {
		if c.Deleted {
			delete(x, c.ID)
			return nil
		}
		x.put(c.Document)
		return nil
	})
}

func insert(t testing.TB, c *mongo.Collection, docs ...any) {
	t.Helper()
	_, err := c.InsertMany(t.Context(), docs)
	require.NoError(t, err)
}

// d makes a document of keys and values.
func d(pairs ...any) bson.D {
	doc := bson.D{}
	for i := 0; i < len(pairs); i += 2 {
		doc = append(doc, bson.E{Key: pairs[i].(string), Value: pairs[i+1]})
	}
	return doc
}

func replaceDB(text, name string) string { return strings.ReplaceAll(text, "DB", name) }
