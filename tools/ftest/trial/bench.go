package trial

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// bench is the testing.TB that fixtures get: a program has none of its own.
// What it does not implement ends the program, as the embedded TB is nil.
type bench struct {
	testing.TB
	name     string
	dir      string // for temporary files
	out      io.Writer
	context  func() context.Context
	cleanups []func()
	failed   bool
	folders  int
}

// run calls f, which may end early by FailNow, and then what was registered for
// the end, the last one first. It reports whether f came to its end without a
// failure.
func (b *bench) run(f func()) (ok bool) {
	ended := make(chan bool)
	go func() {
		done := false
		defer func() { ended <- done }()
		defer b.clean()
		f()
		done = true
	}()
	return <-ended && !b.failed
}

func (b *bench) clean() {
	for len(b.cleanups) > 0 {
		last := len(b.cleanups) - 1
		f := b.cleanups[last]
		b.cleanups = b.cleanups[:last]
		f()
	}
}

func (b *bench) Helper()                  {}
func (b *bench) Name() string             { return b.name }
func (b *bench) Context() context.Context { return b.context() }
func (b *bench) Cleanup(f func())         { b.cleanups = append(b.cleanups, f) }
func (b *bench) Failed() bool             { return b.failed }
func (b *bench) Fail()                    { b.failed = true }

func (b *bench) FailNow() {
	b.failed = true
	runtime.Goexit()
}

func (b *bench) Log(args ...any)                 { fmt.Fprint(b.out, "  fixture: ", fmt.Sprintln(args...)) }
func (b *bench) Logf(format string, args ...any) { b.Log(fmt.Sprintf(format, args...)) }

func (b *bench) Error(args ...any) {
	b.Log(args...)
	b.Fail()
}

func (b *bench) Errorf(format string, args ...any) { b.Error(fmt.Sprintf(format, args...)) }

func (b *bench) Fatal(args ...any) {
	b.Log(args...)
	b.FailNow()
}

func (b *bench) Fatalf(format string, args ...any) { b.Fatal(fmt.Sprintf(format, args...)) }

// TempDir makes a folder that everybody may enter, as the program may run under
// another account.
func (b *bench) TempDir() string {
	b.folders++
	dir := filepath.Join(b.dir, fmt.Sprintf("fixture%d", b.folders))
	if err := os.Mkdir(dir, 0o755); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
