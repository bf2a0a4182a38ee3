package compat_test

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/gen/compat"
	"github.com/tributary-search/tributary/gen/load"
)

// FuzzBase proves that any base is compared or passed over, and that what is
// said about it has a place in the tree now.
func FuzzBase(f *testing.F) {
	seeds, err := filepath.Glob("../testdata/cases/*/base/sources/a/schema.json")
	require.NoError(f, err)
	require.NotEmpty(f, seeds)
	for _, name := range seeds {
		text, err := os.ReadFile(name)
		require.NoError(f, err)
		f.Add(string(text))
	}
	now, _, err := load.Declarations(os.DirFS("../testdata/cases/compat_rules"))
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, text string) {
		base, _, err := load.Declarations(fstest.MapFS{"sources/a/schema.json": {Data: []byte(text)}})
		require.NoError(t, err)
		for _, d := range compat.Compare(base, now) {
			require.NotEmpty(t, d.File)
			require.NotEmpty(t, d.Message)
		}
	})
}
