package directory_test

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/tributary-search/tributary/sources/directory"
)

// TestHasACL gives a file an access control list, where the file system takes
// one, and looks at one that is not there.
func TestHasACL(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	require.False(t, directory.HasACL(path))
	require.True(t, directory.HasACL(path+"-gone"), "in doubt there is one")

	acl := binary.LittleEndian.AppendUint32(nil, 2)
	for _, entry := range []struct {
		tag, perm uint16
		id        uint32
	}{{1, 6, ^uint32(0)}, {2, 4, 4001}, {4, 0, ^uint32(0)}, {0x10, 4, ^uint32(0)}, {0x20, 0, ^uint32(0)}} {
		acl = binary.LittleEndian.AppendUint16(acl, entry.tag)
		acl = binary.LittleEndian.AppendUint16(acl, entry.perm)
		acl = binary.LittleEndian.AppendUint32(acl, entry.id)
	}
	err := unix.Setxattr(path, "system.posix_acl_access", acl, 0)
	if !errors.Is(err, unix.ENOTSUP) {
		require.NoError(t, err)
	}
	require.Equal(t, err == nil, directory.HasACL(path))
}
