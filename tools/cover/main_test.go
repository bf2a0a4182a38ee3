package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSharesByPackageAndSource(t *testing.T) {
	profile := filepath.Join(t.TempDir(), "cover.out")
	require.NoError(t, os.WriteFile(profile, []byte(`mode: atomic
github.com/tributary-search/tributary/runtime/job/sync.go:1.1,2.2 3 1
github.com/tributary-search/tributary/runtime/job/sync.go:3.1,4.2 1 0
github.com/tributary-search/tributary/runtime/job/sync.go:3.1,4.2 1 7
github.com/tributary-search/tributary/runtime/job/guard.go:1.1,2.2 4 0
github.com/tributary-search/tributary/sources/directory/directory.go:1.1,2.2 2 5
github.com/tributary-search/tributary/sources/directory/config_gen.go:1.1,2.2 9 0
`), 0o600))
	var out bytes.Buffer
	require.NoError(t, run([]string{profile}, &out))
	require.Equal(t, `coverage by package
   50.0%  runtime/job
coverage by source
  100.0%  directory
   60.0%  in all
`, out.String())
}

func TestWhatIsNoProfile(t *testing.T) {
	profile := filepath.Join(t.TempDir(), "cover.out")
	require.NoError(t, os.WriteFile(profile, []byte("a b c\n"), 0o600))
	require.ErrorContains(t, run([]string{profile}, &bytes.Buffer{}), "not a line of a profile")
	require.ErrorContains(t, run(nil, &bytes.Buffer{}), "usage")
}
