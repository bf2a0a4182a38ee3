//go:build darwin || freebsd || linux || netbsd || openbsd

package directory_test

import (
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func gidOf(t *testing.T, path string) uint32 {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	return info.Sys().(*syscall.Stat_t).Gid
}
