package mysql_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/mysql"
	"github.com/tributary-search/tributary/sources/mysql/fixture"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("database/sql.(*DB).connectionOpener"),
		goleak.IgnoreTopFunction("github.com/go-sql-driver/mysql.(*mysqlConn).startWatcher.func1")) // the fixture's own connections
}

// logs collects what a source logs.
type logs struct {
	mu   sync.Mutex
	text []byte
}

// Write adds a line.
func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, p...)
	return len(p), nil
}

// String is what was logged.
func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}

// open opens the source of a database with more values of the configuration.
func open(t testing.TB, db *fixture.Database, more map[string]any) (*mysql.Source, *logs) {
	t.Helper()
	l := &logs{}
	deps := connector.Deps{Log: slog.New(slog.NewTextHandler(l, nil)), Now: time.Now}
	s, err := mysql.Kind().Open(t.Context(), db.Config(t, more), deps)
	require.NoError(t, err)
	return s.(*mysql.Source), l
}

// index is documents by id, with their fields.
type index map[string]map[string]any

// put keeps a document.
func (x index) put(d connector.Document) error {
	defer d.Release()
	fields := map[string]any{}
	if err := json.Unmarshal([]byte("{"+string(d.Fields())+"}"), &fields); err != nil {
		return err
	}
	x[d.ID] = fields
	return d.Err
}

// read reads everything, with advanced rules if there are any.
func read(t testing.TB, s *mysql.Source, rules string) index {
	t.Helper()
	x, err := tryRead(t.Context(), s, rules)
	require.NoError(t, err)
	return x
}

func tryRead(ctx context.Context, s *mysql.Source, rules string) (index, error) {
	x := index{}
	err := s.GetDocs(ctx, connector.Filter{AdvancedRules: json.RawMessage(rules)}, x.put)
	return x, err
}
