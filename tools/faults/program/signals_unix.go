//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

func endings() []os.Signal { return []os.Signal{os.Interrupt, syscall.SIGTERM} }

// small is how large a file may be while there is no room.
const small = 64 << 10

// roomBySignal has SIGUSR1 take the room on the disk away and SIGUSR2 give it
// back: what is beyond the largest size of a file can't be written, as on a full
// disk. Any user may limit the own process.
func roomBySignal() {
	signal.Ignore(syscall.SIGXFSZ) // an error, not the end
	var usual syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_FSIZE, &usual) != nil {
		return
	}
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGUSR1, syscall.SIGUSR2)
	go func() {
		for s := range asked {
			limit := usual
			if s == syscall.SIGUSR1 {
				limit.Cur = small
			}
			_ = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit)
		}
	}()
}
