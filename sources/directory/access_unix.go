//go:build darwin || freebsd || linux || netbsd || openbsd

package directory

import (
	"os"

	"golang.org/x/sys/unix"
)

// systemAccounts reads the users and groups of this machine.
func systemAccounts() (*accounts, error) { return readAccounts(os.DirFS("/etc")) }

// lookAt looks at what a path names.
func lookAt(path string, s *stat) error {
	var raw unix.Stat_t
	for {
		switch err := unix.Lstat(path, &raw); err {
		case nil:
			s.fromRaw(&raw)
			return nil
		case unix.EINTR:
		default:
			return err
		}
	}
}
