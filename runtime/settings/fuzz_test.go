package settings_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/settings"
)

// Whatever a file holds, it is read or refused with problems.
func FuzzLoad(f *testing.F) {
	for _, seed := range []string{"", "a: b", "elasticsearch: {headers: {a.b: [c]}}", "? [x]\n: y", "data: !!binary aGk=", "<<: *a", "sources.: x", "connectors: [[], {}]", "data: |\n  a\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "config.yml")
		require.NoError(t, os.WriteFile(path, data, 0o600))
		_, _, err := settings.Load(settings.Input{File: path})
		if err != nil {
			require.ErrorAs(t, err, new(settings.Problems))
		}
	})
}
