package faults_test

import (
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// process is what a process holds on to: see I6.
type process struct {
	goroutines  goleak.Option
	descriptors int
	temporary   string // a folder for temporary files, empty at first
}

// look takes stock at the start of a fault, and gives temporary files a folder
// of their own. t.TempDir is asked first, since it is a temporary file too.
func look(t *testing.T) process {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	return process{goroutines: goleak.IgnoreCurrent(), descriptors: descriptors(t), temporary: dir}
}

// check asserts that nothing more is there than at the start. What ends beside
// the test is given some time.
func (p process) check(t *testing.T) {
	t.Helper()
	http.DefaultClient.CloseIdleConnections()
	require.NoError(t, goleak.Find(p.goroutines), "I6 goroutines")
	require.Eventually(t, func() bool { return descriptors(t) <= p.descriptors }, 5*time.Second, 10*time.Millisecond, "I6 file descriptors")
	left, err := os.ReadDir(p.temporary)
	require.NoError(t, err)
	require.Empty(t, left, "I6 temporary files")
}

// descriptors counts the open files of this process; 0 where that can't be told.
func descriptors(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/dev/fd")
	if os.IsNotExist(err) {
		return 0
	}
	require.NoError(t, err)
	return len(list)
}
