package directory_test

import (
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/directory"
)

// open opens the source of a directory with more fields, given as JSON members.
func open(t testing.TB, root, fields string) *directory.Source {
	t.Helper()
	path, err := json.Marshal(root)
	require.NoError(t, err)
	raw := `{"directory":` + string(path)
	if fields != "" {
		raw += "," + fields
	}
	s, err := directory.Kind().Open(t.Context(), json.RawMessage(raw+"}"), deps())
	require.NoError(t, err)
	return s.(*directory.Source)
}

func deps() connector.Deps {
	return connector.Deps{Log: slog.New(slog.DiscardHandler), Now: time.Now}
}
