package sqldb_test

import (
	"context"
	"encoding/pem"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/sources/internal/sqldb"
)

func TestSelect(t *testing.T) {
	tables := []string{"a", "a*", "ab", "b/c", "b[c]", `b\c`, "Ä1"}
	for _, c := range []struct {
		patterns          []string
		selected, unknown []string
	}{
		{[]string{"*"}, tables, nil},
		{[]string{"a"}, []string{"a"}, nil},
		{[]string{"a*"}, []string{"a*"}, nil}, // the table of that name
		{[]string{"?b"}, []string{"ab"}, nil},
		{[]string{"b*"}, []string{"b/c", "b[c]", `b\c`}, nil},
		{[]string{"b[?]", `?\c`}, []string{"b[c]", `b\c`}, nil},
		{[]string{"*/*", "Ä?"}, []string{"b/c", "Ä1"}, nil},
		{[]string{"x", "y*", "a"}, []string{"a"}, []string{"x", "y*"}},
		{[]string{"A"}, nil, []string{"A"}},
		{nil, nil, nil},
	} {
		selected, unknown := sqldb.Select(c.patterns, tables)
		require.Equal(t, c.selected, selected, c.patterns)
		require.Equal(t, c.unknown, unknown, c.patterns)
	}
	selected, unknown := sqldb.Select([]string{"*"}, nil)
	require.Empty(t, selected)
	require.Empty(t, unknown, "all tables of an empty database")
}

func TestIDs(t *testing.T) {
	all := []string{"order", "order_items", "order_items_old", "t"}
	for _, c := range []struct {
		table string
		key   []string
		id    string
	}{
		{"t", []string{"5"}, "t_5"},
		{"t", []string{"a_b%"}, "t_a_b%"},
		{"t", []string{"a_b", "c%"}, "t_a%5Fb_c%25"},
		{"t", []string{"a", "b_c"}, "t_a_b%5Fc"},
		{"order", []string{"5"}, "order_5"},
		{"order", []string{"items"}, "order_items"},
		{"order", []string{"items_5"}, "order%5Fitems_5"},
		{"order", []string{"items", "5"}, "order%5Fitems_5"},
		{"order_items", []string{"5"}, "order_items_5"},
		{"order_items", []string{"old_5"}, "order_items%5Fold_5"},
	} {
		key := make([][]byte, len(c.key))
		for i, k := range c.key {
			key[i] = []byte(k)
		}
		require.Equal(t, "x"+c.id, string(sqldb.NewIDs(c.table, all).Append([]byte("x"), key...)))
	}
}

func TestFieldNames(t *testing.T) {
	for _, c := range []struct{ columns, names []string }{
		{[]string{"a", "b"}, []string{"a", "b"}},
		{[]string{"Table", "Table_"}, []string{"Table__", "Table_"}},
		{[]string{"table"}, []string{"table"}},
		{[]string{"a.b", "a", "a_b"}, []string{"a_b_", "a", "a_b"}},
		{[]string{"a.b", "a.c"}, []string{"a.b", "a.c"}},
		{[]string{"a.b.c", "a.b"}, []string{"a_b_c", "a.b"}},
	} {
		require.Equal(t, c.names, sqldb.FieldNames(c.columns, "Table"))
	}
}

func TestTLS(t *testing.T) {
	config, err := sqldb.TLS(" ", "host")
	require.NoError(t, err)
	require.Nil(t, config.RootCAs)
	require.Equal(t, "host", config.ServerName)

	server := httptest.NewTLSServer(nil)
	defer server.Close()
	ca := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	for _, text := range []string{ca, strings.ReplaceAll(ca, "\n", " "), strings.ReplaceAll(ca, "\n", `\n`), "\n\n" + ca + ca} {
		config, err := sqldb.TLS(text, "host")
		require.NoError(t, err)
		require.NotNil(t, config.RootCAs)
	}
	for _, text := range []string{"nonsense", "-----BEGIN CERTIFICATE----- nonsense -----END CERTIFICATE-----"} {
		_, err := sqldb.TLS(text, "host")
		require.ErrorContains(t, err, "it holds no certificate")
		require.NotContains(t, err.Error(), "nonsense")
	}
}

func TestRetry(t *testing.T) {
	passes, stays := errors.New("passes"), errors.New("stays")
	passing := func(err error) bool { return errors.Is(err, passes) }
	for _, c := range []struct {
		tries int
		errs  []error
		want  error
		calls int
	}{
		{2, []error{nil}, nil, 1},
		{2, []error{passes, nil}, nil, 2},
		{1, []error{passes, passes}, passes, 2},
		{0, []error{passes}, passes, 1},
		{5, []error{passes, stays}, stays, 2},
	} {
		calls := 0
		err := sqldb.Retry(t.Context(), c.tries, passing, func() error {
			calls++
			return c.errs[calls-1]
		})
		require.Equal(t, c.want, err)
		require.Equal(t, c.calls, calls)
	}
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	err := sqldb.Retry(ctx, 5, passing, func() error {
		calls++
		cancel()
		return passes
	})
	require.Equal(t, passes, err)
	require.Equal(t, 1, calls)
}
