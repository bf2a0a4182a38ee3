package trial

import (
	"os"
	"syscall"
)

// nobody is the account of the program when the test runs as root: to root no
// file is unreadable.
const nobody = 65534

// attributes make a program end with the process that started it.
func attributes() *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if os.Getuid() == 0 {
		a.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	}
	return a
}

// give makes the program's account the owner of a folder.
func give(dir string) error {
	if os.Getuid() == 0 {
		return os.Chown(dir, nobody, nobody)
	}
	return nil
}
