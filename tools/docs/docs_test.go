package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/tools/docs/pages"
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

// TestApply finds pages out of date and left over, each with its line and what
// to do, and then writes and removes them.
func TestApply(t *testing.T) {
	t.Chdir(t.TempDir())
	whole := map[string]string{"docs/cli/a.md": "1\n2\n3\n", "docs/settings.md": "x\n"}
	require.NoError(t, os.MkdirAll("docs/cli", 0o755))
	require.NoError(t, os.WriteFile("docs/cli/a.md", []byte("1\nold\n3\n"), 0o644))
	require.NoError(t, os.WriteFile("docs/cli/gone.md", nil, 0o644))
	require.EqualError(t, apply(whole, true), "docs/cli/a.md:2: out of date; run make docs\ndocs/settings.md:1: out of date; run make docs")
	require.EqualError(t, leftOver(whole, true), "docs/cli/gone.md:1: nothing makes this page; run make docs, which removes it")
	require.NoError(t, apply(whole, false))
	require.NoError(t, leftOver(whole, false))
	require.NoError(t, apply(whole, true))
	require.NoError(t, leftOver(whole, true))
	require.NoFileExists(t, filepath.Join("docs", "cli", "gone.md"))
}

// TestParts proves that the states are drawn from the tables.
func TestParts(t *testing.T) {
	var all strings.Builder
	for _, p := range pages.Parts() {
		all.WriteString(p.Text)
	}
	require.Contains(t, all.String(), "    [*] --> pending: is made\n")
	require.Contains(t, all.String(), "| `in_progress` | fails | `error` | service |\n")
}
