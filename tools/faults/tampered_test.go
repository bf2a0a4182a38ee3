//go:build darwin || linux

package faults_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// tamperedFiles is F23: files are made, renamed, cut, and replaced by links and
// pipes while the directory is read. No file outside of it is ever read, nothing
// hangs, and what could not be read as it was listed is read by the next sync.
func tamperedFiles(t *testing.T, x *trial) {
	t.Run("between listing and reading", func(t *testing.T) { tampered(t, x) })
	t.Run("all the time", func(t *testing.T) { churned(t, x) })
}

// tricks are what happens to a file, by its name, when it was listed and not yet
// read. Those that say so leave nothing that can be read as it was listed.
func tricks(root string) map[string]struct {
	unreadable bool
	do         func(path string) error
} {
	away := filepath.Join(filepath.Dir(root), "outside")
	return map[string]struct {
		unreadable bool
		do         func(path string) error
	}{
		id(0): {true, os.Remove},
		id(1): {true, func(p string) error { return os.Rename(p, p+".renamed.txt") }},
		id(2): {true, func(p string) error { return os.Truncate(p, 3) }},
		id(3): {true, func(p string) error { return os.WriteFile(p, []byte("much longer than it was"), 0o644) }},
		id(4): {true, func(p string) error {
			return errors.Join(os.Remove(p), os.Symlink(filepath.Join(away, "secret.txt"), p))
		}},
		id(5): {true, func(p string) error { return errors.Join(os.Remove(p), unix.Mkfifo(p, 0o644)) }},
		id(6): {true, func(p string) error { return errors.Join(os.Remove(p), os.Mkdir(p, 0o755)) }},
		id(7): {false, func(p string) error { return os.WriteFile(p+".new.txt", []byte("made meanwhile"), 0o644) }},
		id(8): {true, func(p string) error { return errors.Join(os.Remove(p), os.Symlink("/dev/zero", p)) }},
		id(9): {true, func(p string) error {
			return errors.Join(os.Remove(p), os.WriteFile(p, []byte("text of doc-0000X"), 0o644))
		}},
		id(10): {false, func(string) error {
			return errors.Join(os.Rename(root+"/unlisted", root+"/../moved"), os.Symlink(away, root+"/unlisted"))
		}},
	}
}

func tampered(t *testing.T, x *trial) {
	w, f := x.folder(t, 100)
	require.NoError(t, os.MkdirAll(filepath.Join(f.root, "unlisted"), 0o755))
	left, unreadable := tricks(f.root), int64(0)
	var failed error
	f.during = func(path string) {
		name := filepath.Base(path[:len(path)-len(filepath.Ext(path))])
		if trick, there := left[name]; there {
			delete(left, name)
			failed = errors.Join(failed, trick.do(path))
			if trick.unreadable {
				unreadable++
			}
		}
	}
	o := w.run(t)
	require.NoError(t, errors.Join(failed, o.err))
	require.Empty(t, left, "every trick was played")
	require.Equal(t, unreadable, o.Failed, "what is not as it was listed costs itself")
	w.secretsKept(t, o)
	f.during = nil
	w.heal(t)
	for id, stored := range w.server.stored(t, w.index) {
		require.NotContains(t, string(stored), outside, "%s comes from outside of the directory", id)
	}
}

// churned changes files at random while three syncs run.
func churned(t *testing.T, x *trial) {
	w, f := x.folder(t, 200)
	w.filled(t)
	stop := make(chan struct{})
	var churning sync.WaitGroup
	churning.Go(func() { f.churn(stop) })
	for range 3 {
		o := w.run(t, allowDeletes)
		require.NoError(t, o.err)
		w.secretsKept(t, o)
	}
	close(stop)
	churning.Wait()
	w.heal(t, allowDeletes)
}

// churn changes the directory until it is told to stop. What it finds missing it
// makes anew, so errors are of no interest.
func (f *folder) churn(stop <-chan struct{}) {
	random := rand.New(rand.NewPCG(1, 2))
	secret := filepath.Join(filepath.Dir(f.root), "outside", "secret.txt")
	for {
		select {
		case <-stop:
			return
		default:
		}
		n := random.IntN(200)
		path := filepath.Join(f.root, "folder"+string(rune('a'+n%5)), id(n)+".txt")
		switch random.IntN(6) {
		case 0:
			_ = os.Remove(path)
		case 1:
			_ = errors.Join(os.Remove(path), os.Symlink(secret, path))
		case 2:
			_ = errors.Join(os.Remove(path), unix.Mkfifo(path, 0o644))
		case 3:
			_ = os.Rename(path, path+fmt.Sprint(random.IntN(3))+".txt")
		default:
			_ = os.Remove(path)
			_ = os.WriteFile(path, fmt.Append(nil, "again ", random.Uint64()), 0o644)
		}
	}
}
