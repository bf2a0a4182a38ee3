//go:build !windows

package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/cli"
)

// TestDataThatOthersCanRead: the embedded node's data is this user's alone, and
// a folder that is not is told about, once.
func TestDataThatOthersCanRead(t *testing.T) {
	m := newMachine(t)
	dir := m.tree("tree", three)
	data := filepath.Join(m.home, "data")
	args := []string{"sync", "directory", "directory=" + dir, "--index", "x", "--data", data}
	require.NotContains(t, m.run(args...).wants(cli.ExitDone).stderr, "other users")
	info, err := os.Stat(data)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())

	require.NoError(t, os.Chmod(data, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(data, "node.json"), []byte("{}"), 0o644))
	said := m.run(args...).wants(cli.ExitDone).stderr
	require.Equal(t, 1, strings.Count(said, data+" can be read by other users of this machine (mode 0755); run chmod 700 "+data), said)
	require.Equal(t, 1, strings.Count(said, "run chmod 600 "+filepath.Join(data, "node.json")), said)
}
