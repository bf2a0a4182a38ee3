package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReplace(t *testing.T) {
	text := "a\n<!-- made:begin x -->\nold\n<!-- made:end x -->\nb\n"
	got, err := replace([]byte(text), "x", "new\n")
	require.NoError(t, err)
	require.Equal(t, strings.Replace(text, "old", "new", 1), string(got))
	for _, text := range []string{"", "<!-- made:begin x -->\n", "<!-- made:end x -->\n<!-- made:begin x -->\n"} {
		_, err := replace([]byte(text), "x", "new\n")
		require.ErrorContains(t, err, `the marks of "x"`)
	}
}

func TestStates(t *testing.T) {
	text := jobStates()
	require.Contains(t, text, "    [*] --> pending: is made\n")
	require.Contains(t, text, "    canceled --> [*]\n")
	require.Contains(t, text, "| `in_progress` | fails | `error` | service |\n")
}

// TestRun changes a page and finds it out of date, then writes it.
func TestRun(t *testing.T) {
	t.Chdir(t.TempDir())
	require.ErrorIs(t, run(true), os.ErrNotExist)
	page := "<!-- made:begin connector -->\n<!-- made:end connector -->\n<!-- made:begin job -->\n<!-- made:end job -->\n"
	require.NoError(t, os.Mkdir("docs", 0o755))
	file := filepath.Join("docs", "protocol.md")
	require.NoError(t, os.WriteFile(file, []byte(page), 0o644))
	require.EqualError(t, run(true), "docs/protocol.md is out of date; run make docs")
	require.NoError(t, run(false))
	require.NoError(t, run(true))
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(text), connectorStates())
}
