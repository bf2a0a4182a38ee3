package faults_test

import (
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// unprivileged calls f without the rights of the superuser, who may read
// everything: the thread that it runs on looks at files as nobody.
func unprivileged(f func()) {
	const nobody = 65534
	if os.Geteuid() == 0 {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		_ = unix.Setfsuid(nobody)
		defer func() { _ = unix.Setfsuid(0) }()
	}
	f()
}
