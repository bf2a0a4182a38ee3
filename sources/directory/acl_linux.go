package directory

import (
	"errors"

	"golang.org/x/sys/unix"
)

// hasACL reports whether a file has an access control list besides its mode,
// or may have one.
func hasACL(path string) bool {
	for {
		_, err := unix.Lgetxattr(path, "system.posix_acl_access", nil)
		if !errors.Is(err, unix.EINTR) {
			return !errors.Is(err, unix.ENODATA) && !errors.Is(err, unix.ENOTSUP)
		}
	}
}
