package faults_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

var errSource = errors.New("the source answers 403")

// emptySource is F18: a source shows nothing, or less than it has, because of an
// error or because a permission was taken from it. Nothing is deleted.
func emptySource(t *testing.T, x *trial) {
	for name, at := range map[string]int{"error at once": 0, "error halfway": 200, "error at the last": 399} {
		t.Run(name, func(t *testing.T) {
			w := x.world(t, 400)
			w.filled(t)
			w.shelf.before = func(_ context.Context, now int) error {
				if now == at {
					return errSource
				}
				return nil
			}
			o := w.run(t)
			w.refused(t, o, "read the source", errSource.Error())
			w.untouched(t, o)
			w.shelf.before = nil
			w.heal(t)
		})
	}
	t.Run("nothing", func(t *testing.T) { sourceShows(t, x, 0, "that is all of them") })
	t.Run("three quarters", func(t *testing.T) {
		sourceShows(t, x, 300-1, "no longer has 101 of the 400 documents", "allowed are 20 % or 100")
	})
	t.Run("directory gone", func(t *testing.T) { directoryLost(t, x, os.RemoveAll, "no such file or directory") })
	t.Run("directory not mounted", func(t *testing.T) {
		directoryLost(t, x, func(root string) error { return errors.Join(os.RemoveAll(root), os.Mkdir(root, 0o755)) }, "that is all of them")
	})
	t.Run("directory without rights", func(t *testing.T) { rightsLost(t, x) })
}

// untouched asserts that nothing was deleted and everything is there.
func (w *world) untouched(t *testing.T, o outcome) {
	t.Helper()
	o.deletesNothing(t)
	w.equal(t, w.truth())
}

// sourceShows is a source that loses sight of documents and says that these are
// all. What is told is what the user may do about it, and that helps.
func sourceShows(t *testing.T, x *trial, documents int, words ...string) {
	w := x.world(t, 400)
	w.filled(t)
	w.shelf.shows = &documents
	o := w.run(t)
	w.refused(t, o, append(words, "nothing was deleted", "--allow-deletes")...)
	w.untouched(t, o)
	w.shelf.shows = nil
	w.heal(t)

	w.shelf.drop(numbers(documents, 400)...)
	o = w.heal(t, allowDeletes)
	require.EqualValues(t, 400-documents, o.Deleted, "the source is right this time")
}

// directoryLost loses the root of a real directory.
func directoryLost(t *testing.T, x *trial, lose func(root string) error, words string) {
	w, f := x.folder(t, 60)
	w.filled(t)
	aside := f.root + ".aside"
	require.NoError(t, os.Rename(f.root, aside))
	require.NoError(t, lose(f.root))
	o := w.run(t)
	w.refused(t, o, words)
	o.deletesNothing(t)
	require.NoError(t, os.RemoveAll(f.root))
	require.NoError(t, os.Rename(aside, f.root))
	require.EqualValues(t, 60, w.heal(t).Unchanged)
}

// rightsLost takes the right to list one of five folders.
func rightsLost(t *testing.T, x *trial) {
	w, f := x.folder(t, 60)
	f.around = unprivileged
	for dir := f.root; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if info, err := os.Stat(dir); err == nil && info.Mode().Perm()&0o005 != 0o005 {
			require.NoError(t, os.Chmod(dir, 0o755)) // temporary folders are private
		}
	}
	w.filled(t)
	lost := filepath.Join(f.root, "folderc")
	require.NoError(t, os.Chmod(lost, 0))
	o := w.run(t)
	require.NoError(t, os.Chmod(lost, 0o755))
	w.refused(t, o, "permission denied")
	w.untouched(t, o)
	require.EqualValues(t, 60, w.heal(t).Unchanged)
}
