//go:build unix

package mysql_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/sources/internal/mariadbtest"
	"github.com/tributary-search/tributary/sources/mysql/fixture"
)

// TestRestart goes on from a position after the server was restarted, and after
// it was killed.
func TestRestart(t *testing.T) {
	dir, err := os.MkdirTemp("", "restart") // short: the path of a socket is
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	tool := func(name string, args ...string) {
		out, err := exec.Command(filepath.Join("..", "..", "tools", "mariadb", name), args...).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	content := func(name string) string {
		b, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		return strings.TrimSpace(string(b))
	}
	t.Setenv("MARIADB_OPTIONS", "--innodb-flush-log-at-trx-commit=1 --sync-binlog=1")
	tool("start.sh", "0", dir)
	t.Cleanup(func() { tool("stop.sh", dir) })
	port, err := strconv.Atoi(content("port"))
	require.NoError(t, err)
	server, err := mariadbtest.Attach(dir, port)
	require.NoError(t, err)
	t.Cleanup(func() { _ = server.Root.Close() })
	db := fixture.On(t, server)
	db.Fill(t, "items", 500)
	s, _ := open(t, db, map[string]any{"user": "root", "password": "", "retry_count": 3})
	f := start(t, s)

	db.Exec(t, "UPDATE items SET title='before' WHERE number<10")
	tool("stop.sh", dir)
	require.ErrorContains(t, s.Ping(t.Context()), "check host and port")
	tool("start.sh", content("port"), dir)
	db.Exec(t, "DELETE FROM items WHERE number=20")
	f.same()
	require.Equal(t, 11, f.count)

	db.Exec(t, "UPDATE items SET title='again' WHERE number<10")
	pid, err := strconv.Atoi(content("pid"))
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	require.Eventually(t, func() bool { return syscall.Kill(pid, 0) != nil || s.Ping(t.Context()) != nil }, 10*time.Second, 10*time.Millisecond)
	tool("start.sh", content("port"), dir)
	f.same()
	require.Equal(t, 10, f.count)
}
