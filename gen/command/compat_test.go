package command_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/gen/command"
	"github.com/tributary-search/tributary/gen/diag"
)

func TestCompat(t *testing.T) {
	root, base := project(t), t.TempDir()
	put(t, base, "sources/zebra/schema.json", declaration) // no go.mod, nothing else
	code, _, errs := run("compat", "--base", base, "--root", root)
	require.Equal(t, command.ExitDone, code, errs)
	require.Equal(t, "1 source compared; what users have stored is still good\n", errs)

	put(t, root, "sources/zebra/schema.json", strings.Replace(declaration, `"n": { "type": "integer"`, `"m": { "type": "string"`, 1))
	code, _, errs = run("compat", "--root", root, "--base", base)
	require.Equal(t, command.ExitProblems, code)
	require.Contains(t, errs, `sources/zebra/schema.json:6:64: error G601: the field "n" is gone (base: sources/zebra/schema.json:6:80)`)
	require.Contains(t, errs, "1 break for what users have stored")

	code, out, errs := run("compat", "--json", "--root", root, "--base", base)
	require.Equal(t, command.ExitProblems, code)
	require.Empty(t, errs)
	var list diag.List
	require.NoError(t, json.Unmarshal([]byte(out), &list))
	require.Len(t, list, 1)
	require.Equal(t, diag.FieldGone, list[0].Code)
	require.False(t, list[0].Note)
}

// TestCompatNotes holds that notes are shown and break nothing.
func TestCompatNotes(t *testing.T) {
	root, base := project(t), t.TempDir()
	put(t, base, "sources/zebra/schema.json", strings.Replace(declaration, `"title": "N"`, `"title": "N", "default": 1`, 1))
	put(t, root, "sources/zebra/schema.json", strings.Replace(declaration, `"title": "N"`, `"title": "N", "default": 2`, 1))
	code, _, errs := run("compat", "--base", base, "--root", root)
	require.Equal(t, command.ExitDone, code)
	require.Contains(t, errs, `note G611: the default of "n" was 1 and is 2`)
	code, out, _ := run("compat", "--json", "--base", base, "--root", root)
	require.Equal(t, command.ExitDone, code)
	require.Contains(t, out, `"note": true`)
}

func TestCompatRefuses(t *testing.T) {
	root, base := project(t), t.TempDir()
	for _, args := range [][]string{
		{"compat"}, {"compat", "x", "--base", base}, {"compat", "--base", filepath.Join(base, "nothing")}, {"compat", "--base", base}, {"check", "--base", base},
	} {
		code, _, errs := run(append(args, "--root", root)...)
		require.Equal(t, command.ExitFailed, code, args)
		require.Contains(t, errs, "gen: ", args)
	}
	put(t, base, "sources/zebra/schema.json", "{")
	code, _, errs := run("compat", "--base", base, "--root", root)
	require.Equal(t, command.ExitFailed, code)
	require.Contains(t, errs, "sources/zebra/schema.json:1:2: error G101")

	put(t, base, "sources/zebra/schema.json", declaration)
	put(t, root, "sources/zebra/schema.json", strings.Replace(declaration, `"title"`, `"titel"`, 1))
	code, _, errs = run("compat", "--base", base, "--root", root)
	require.Equal(t, command.ExitProblems, code)
	require.Contains(t, errs, "1 problem; nothing was compared")
	require.NoError(t, os.Remove(filepath.Join(root, "config.yml")))
	code, _, errs = run("compat", "--base", base, "--root", root)
	require.Equal(t, command.ExitProblems, code, errs)
}
