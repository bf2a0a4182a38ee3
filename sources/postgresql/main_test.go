package postgresql_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/postgresql"
	"github.com/tributary-search/tributary/sources/postgresql/fixture"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// logs collects what a source logs.
type logs struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write adds a line.
func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String is what was logged.
func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

type values = map[string]any

// replicated switches logical replication on.
func replicated(more ...values) values {
	all := values{"logical_replication": true}
	for _, m := range more {
		for name, v := range m {
			all[name] = v
		}
	}
	return all
}

// open opens the source of a database with more values of the configuration.
func open(t testing.TB, db *fixture.Database, more values) (*postgresql.Source, *logs) {
	t.Helper()
	return openFor(t, db, "", more)
}

// openFor opens it for a connector with an id.
func openFor(t testing.TB, db *fixture.Database, id string, more values) (*postgresql.Source, *logs) {
	t.Helper()
	l := &logs{}
	deps := connector.Deps{Log: slog.New(slog.NewTextHandler(l, nil)), Now: time.Now, Connector: id}
	s, err := postgresql.Kind().Open(t.Context(), db.Config(t, more), deps)
	require.NoError(t, err)
	return s.(*postgresql.Source), l
}

// index is documents by id, as the JSON of their fields.
type index map[string]string

func (x index) put(d connector.Document) error {
	defer d.Release()
	x[d.ID] = "{" + string(d.Fields()) + "}"
	return d.Err
}

// apply carries a change out.
func (x index) apply(c connector.Change) error {
	if c.Deleted {
		delete(x, c.ID)
		return nil
	}
	return x.put(c.Document)
}

// field is one field of a document.
func (x index) field(t testing.TB, id, name string) any {
	t.Helper()
	require.Contains(t, x, id)
	fields := map[string]any{}
	require.NoError(t, json.Unmarshal([]byte(x[id]), &fields))
	require.Contains(t, fields, name)
	return fields[name]
}

// read reads everything, with advanced rules if there are any.
func read(t testing.TB, s *postgresql.Source, rules string) index {
	t.Helper()
	x, err := tryRead(t.Context(), s, rules)
	require.NoError(t, err)
	return x
}

func tryRead(ctx context.Context, s *postgresql.Source, rules string) (index, error) {
	x := index{}
	err := s.GetDocs(ctx, connector.Filter{AdvancedRules: json.RawMessage(rules)}, x.put)
	return x, err
}

// follow applies the changes since a position, and returns the next.
func follow(t testing.TB, s *postgresql.Source, since connector.Cursor, x index) connector.Cursor {
	t.Helper()
	next, err := s.Changes(t.Context(), since, connector.Filter{}, x.apply)
	require.NoError(t, err)
	return next
}

// position is where the source stands.
func position(t testing.TB, s *postgresql.Source) connector.Cursor {
	t.Helper()
	at, err := s.Position(t.Context())
	require.NoError(t, err)
	return at
}

// raw is a field of a document byte for byte.
func raw(t testing.TB, x index, id, name string) string {
	t.Helper()
	require.Contains(t, x, id)
	fields := map[string]json.RawMessage{}
	require.NoError(t, json.Unmarshal([]byte(x[id]), &fields), x[id])
	require.Contains(t, fields, name)
	return string(fields[name])
}
