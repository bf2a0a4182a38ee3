//go:build darwin || linux

package directory_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/sources/directory"
)

const follow = `"follow_links":true`

// hostile makes a directory with everything that a sync must survive, beside
// one that it must not read.
func hostile(t *testing.T) (root string) {
	base := t.TempDir()
	root = filepath.Join(base, "root")
	write(t, base, map[string]string{
		"outside/secret.txt": "secret", "root/plain.txt": "plain", "root/dir/inner.txt": "inner", "root/dir/deep/low.txt": "low",
	})
	for name, target := range map[string]string{
		"out-absolute":  filepath.Join(base, "outside"),
		"out-relative":  "../outside",
		"out-file":      "../outside/secret.txt",
		"out-and-back":  "../root/plain.txt",
		"in-file":       "dir/inner.txt",
		"in-dir":        "dir",
		"dir/up":        "..",
		"dir/deep/loop": "../../dir",
		"self":          "self",
		"ping":          "pong",
		"pong":          "ping",
		"dangling":      "nowhere",
		"through-file":  "plain.txt/x",
		"chain":         "in-file",
	} {
		require.NoError(t, os.Symlink(target, filepath.Join(root, name)))
	}
	require.NoError(t, unix.Mkfifo(filepath.Join(root, "fifo"), 0o600))
	listenAt(t, filepath.Join(root, "socket"))
	if os.Geteuid() == 0 {
		require.NoError(t, unix.Mknod(filepath.Join(root, "device"), unix.S_IFCHR|0o600, 1<<8|5)) // /dev/zero
	}
	sparse, err := os.Create(filepath.Join(root, "sparse.txt"))
	require.NoError(t, err)
	require.NoError(t, errors.Join(sparse.Truncate(1<<40), sparse.Close()))
	return root
}

// listenAt makes a socket; its path may be longer than a socket's address.
func listenAt(t *testing.T, path string) {
	short, err := os.MkdirTemp("", "s")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(short) })
	l, err := net.Listen("unix", filepath.Join(short, "s"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	require.NoError(t, os.Rename(filepath.Join(short, "s"), path))
}

func TestHostileTree(t *testing.T) {
	root := hostile(t)
	files := []string{"dir/deep/low.txt", "dir/inner.txt", "plain.txt", "sparse.txt"}
	require.Equal(t, files, paths(t, open(t, root, ""), root, ""))

	docs, err := read(t, open(t, root, ""), root, "")
	require.NoError(t, err)
	require.Nil(t, docs["sparse.txt"].Attachment, "a terabyte of zeros is not read")
}

func TestLinksWithin(t *testing.T) {
	root := hostile(t)
	require.Equal(t, []string{
		"chain", "dir/deep/low.txt", "dir/inner.txt", "in-dir/deep/low.txt", "in-dir/inner.txt", "in-file", "plain.txt", "sparse.txt",
	}, paths(t, open(t, root, follow), root, ""))
	require.Equal(t, []string{"in-dir/inner.txt"}, paths(t, open(t, root, follow+`,"pattern":"in-dir/*"`), root, ""))
	require.Equal(t, []string{"in-file"}, paths(t, open(t, root, follow+`,"pattern":"in-file\nself"`), root, ""))

	docs, err := read(t, open(t, root, follow), root, "")
	require.NoError(t, err)
	text, err := content(t, docs["chain"])
	require.NoError(t, err)
	require.Equal(t, "inner", text)
}

// TestManyLinks has a tree that would have 2^20 paths if links were followed
// within directories that links lead to.
func TestManyLinks(t *testing.T) {
	root := t.TempDir()
	for i := range 20 {
		dir := filepath.Join(root, fmt.Sprint("d", i))
		write(t, dir, map[string]string{"f": "1"})
		for _, name := range []string{"left", "right"} {
			require.NoError(t, os.Symlink(fmt.Sprint("../d", i+1), filepath.Join(dir, name)))
		}
	}
	require.Len(t, paths(t, open(t, root, follow), root, ""), 20+2*19)
}

func TestNamesThatAreNotUTF8(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{"fine.txt": "1"})
	names := []string{"\xff\xfe.txt", "\xfe\xff.txt", "caf\xe9"}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(root, name), []byte("text"), 0o600); err != nil {
			require.ErrorIs(t, err, unix.EILSEQ, "a file system that refuses such names has no such files")
			names = nil
			break
		}
	}
	ids := map[string]bool{}
	err := open(t, root, "").GetDocs(t.Context(), connector.Filter{}, func(d connector.Document) error {
		ids[d.ID] = true
		require.NotEmpty(t, fields(t, d)["name"])
		_, err := content(t, d)
		return err
	})
	require.NoError(t, err)
	require.Len(t, ids, 1+len(names))
}

func TestVanishing(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{"a": "1", "gone/b": "2", "c": "3"})
	var docs []connector.Document
	err := open(t, root, "").GetDocs(t.Context(), connector.Filter{}, func(d connector.Document) error {
		docs = append(docs, d)
		for _, name := range []string{"a", "c", "gone"} {
			require.NoError(t, os.RemoveAll(filepath.Join(root, name)))
		}
		return nil
	})
	require.NoError(t, err, "what vanished is gone, and its document may go too")
	require.Len(t, docs, 1)
	_, err = content(t, docs[0])
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestReplacedDirectory(t *testing.T) {
	for name, replace := range map[string]func(dir string) error{
		"by a link out":       func(dir string) error { return os.Symlink("../outside", dir) },
		"by a link within":    func(dir string) error { return os.Symlink("other", dir) },
		"by a link to itself": func(dir string) error { return os.Symlink(filepath.Base(dir), dir) },
		"by a file":           func(dir string) error { return os.WriteFile(dir, nil, 0o600) },
		"by a directory":      func(dir string) error { return os.Mkdir(dir, 0o700) },
		"by a fifo":           func(dir string) error { return unix.Mkfifo(dir, 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			base := t.TempDir()
			root := filepath.Join(base, "root")
			write(t, base, map[string]string{"outside/secret": "1", "root/other/o": "1", "root/left/inner": "1", "root/right/inner": "1"})
			seen, dir := 0, filepath.Join(root, "left")
			err := open(t, root, `"exclude":"other"`).GetDocs(t.Context(), connector.Filter{}, func(d connector.Document) error {
				if seen++; seen > 1 {
					return nil
				}
				if strings.HasPrefix(fields(t, d)["path"].(string), dir) {
					dir = filepath.Join(root, "right")
				}
				return errors.Join(os.Rename(dir, filepath.Join(base, "old")), replace(dir))
			})
			var unread *directory.UnreadError
			require.ErrorAs(t, err, &unread, "what may be in it was not read")
			require.Equal(t, 1, unread.Count)
			require.ErrorContains(t, err, dir)
			require.Equal(t, 1, seen)
		})
	}
}

func TestUnreadable(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{"open": "1", "closed": "2", "dir/x": "3", "listed/y": "4"})
	modes := map[string]os.FileMode{"closed": 0, "dir": 0, "listed": 0o444}
	for _, dir := range []string{root, filepath.Dir(root)} {
		require.NoError(t, os.Chmod(dir, 0o755))
	}
	require.NoError(t, os.Chmod(filepath.Join(root, "open"), 0o644))
	for name, mode := range modes {
		require.NoError(t, os.Chmod(filepath.Join(root, name), mode))
	}
	t.Cleanup(func() {
		for name := range modes {
			_ = os.Chmod(filepath.Join(root, name), 0o700)
		}
	})
	unprivileged(t, func() {
		docs, err := read(t, open(t, root, ""), root, "")
		require.ErrorIs(t, err, os.ErrPermission)
		require.ErrorContains(t, err, "nothing is deleted")
		require.ErrorContains(t, err, filepath.Join(root, "dir"))
		require.ErrorContains(t, err, filepath.Join(root, "listed", "y"))
		require.Len(t, docs, 2, "the rest is read all the same")
		_, err = content(t, docs["closed"])
		require.ErrorIs(t, err, os.ErrPermission)
		require.ErrorContains(t, err, filepath.Join(root, "closed"))

		require.Equal(t, []string{"closed", "open"}, paths(t, open(t, root, `"exclude":"dir\nlisted"`), root, ""))
		require.Equal(t, []string{"closed", "open"}, paths(t, open(t, root, `"pattern":"*"`), root, ""))
	})
}

func TestUnreadableBehindLinks(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{"t/closed": "1", "t/dir/x": "2"})
	for _, name := range []string{"closed", "dir/x", "dir"} {
		require.NoError(t, os.Symlink(filepath.Join("t", name), filepath.Join(root, filepath.Base(name))))
	}
	for _, dir := range []string{root, filepath.Dir(root)} {
		require.NoError(t, os.Chmod(dir, 0o755))
	}
	require.NoError(t, os.Chmod(filepath.Join(root, "t/closed"), 0))
	require.NoError(t, os.Chmod(filepath.Join(root, "t/dir"), 0))
	t.Cleanup(func() { _ = os.Chmod(filepath.Join(root, "t/dir"), 0o700) })
	unprivileged(t, func() {
		var docs []connector.Document
		err := open(t, root, follow+`,"exclude":"t"`).GetDocs(t.Context(), connector.Filter{}, func(d connector.Document) error {
			docs = append(docs, d)
			return nil
		})
		var unread *directory.UnreadError
		require.ErrorAs(t, err, &unread)
		require.Equal(t, 2, unread.Count, "%v", err)
		require.Len(t, docs, 1)
		require.ErrorIs(t, docs[0].Err, os.ErrPermission)
		require.ErrorContains(t, docs[0].Err, filepath.Join(root, "closed"))
	})
}

func TestChangingContent(t *testing.T) {
	old := time.Now().Add(-time.Hour)
	for name, change := range map[string]func(path string) error{
		"grown":       func(path string) error { return os.WriteFile(path, []byte("longer than before"), 0o600) },
		"shrunk":      func(path string) error { return os.Truncate(path, 1) },
		"rewritten":   func(path string) error { return os.WriteFile(path, []byte("BEFORE"), 0o600) },
		"touched":     func(path string) error { return os.Chtimes(path, old, old.Add(time.Second)) },
		"another":     func(path string) error { return errors.Join(os.Rename(path+".twin", path)) },
		"a directory": func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) },
		"a fifo":      func(path string) error { return errors.Join(os.Remove(path), unix.Mkfifo(path, 0o600)) },
		"a link":      func(path string) error { return errors.Join(os.Remove(path), os.Symlink("file.twin", path)) },
		"a link out":  func(path string) error { return errors.Join(os.Remove(path), os.Symlink("/etc/passwd", path)) },
	} {
		prepare := func(t *testing.T) (string, connector.Document) {
			root := t.TempDir()
			write(t, root, map[string]string{"file": "before", "file.twin": "before"})
			for _, file := range []string{"file", "file.twin"} {
				require.NoError(t, os.Chtimes(filepath.Join(root, file), old, old))
			}
			docs, err := read(t, open(t, root, `"pattern":"file"`), root, "")
			require.NoError(t, err)
			return filepath.Join(root, "file"), docs["file"]
		}
		t.Run("before/"+name, func(t *testing.T) {
			path, d := prepare(t)
			require.NoError(t, change(path))
			_, err := content(t, d)
			require.ErrorContains(t, err, path)
		})
		if strings.HasPrefix(name, "a") {
			continue // an open file stays what it is
		}
		t.Run("during/"+name, func(t *testing.T) {
			path, d := prepare(t)
			r, err := d.Attachment.Open(t.Context())
			require.NoError(t, err)
			defer r.Close()
			var some [3]byte
			n, err := r.Read(some[:])
			require.NoError(t, err)
			require.Equal(t, 3, n)
			require.NoError(t, change(path))
			for err == nil {
				_, err = r.Read(some[:])
			}
			require.ErrorContains(t, err, "changed while being read")
		})
	}
}

// TestFreshFile: a second change within the clock's tick could go unseen, so
// reading waits for the tick to be over.
func TestFreshFile(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{"file": "1"})
	path := filepath.Join(root, "file")
	_, err := read(t, open(t, root, ""), root, "")
	require.NoError(t, err)
	now := time.Now()
	require.NoError(t, os.Chtimes(path, now, now))
	docs, err := read(t, open(t, root, ""), root, "")
	require.NoError(t, err)
	text, err := content(t, docs["file"])
	require.NoError(t, err)
	require.Equal(t, "1", text)
	require.True(t, time.Since(now) > 15*time.Millisecond)
}

// TestRace swaps a directory and a file for links out of the tree, over and
// over, while the tree is read: nothing from outside is ever emitted or read.
func TestRace(t *testing.T) {
	base := t.TempDir()
	root := filepath.Join(base, "root")
	write(t, base, map[string]string{"outside/secret.txt": "secret", "outside/inner.txt": "secret", "root/real/inner.txt": "public", "root/file": "public"})
	stop := make(chan struct{})
	var swapper sync.WaitGroup
	swapper.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			swap(filepath.Join(root, "real"), filepath.Join(base, "kept"), "../outside")
			swap(filepath.Join(root, "file"), filepath.Join(base, "kept-file"), "../outside/secret.txt")
		}
	})
	defer swapper.Wait()
	defer close(stop)
	for _, more := range []string{"", follow} {
		s := open(t, root, more)
		for range 300 {
			err := s.GetDocs(t.Context(), connector.Filter{}, func(d connector.Document) error {
				path := fields(t, d)["path"].(string)
				require.NotContains(t, path, "secret.txt")
				if text, err := content(t, d); err == nil {
					require.Equal(t, "public", text, path)
				}
				return nil
			})
			var unread *directory.UnreadError
			require.True(t, err == nil || errors.As(err, &unread), "%v", err)
		}
	}
}

// swap puts a link in the place of a path for a moment.
func swap(path, kept, target string) {
	if os.Rename(path, kept) == nil {
		_ = os.Symlink(target, path)
		_ = os.Remove(path)
		_ = os.Rename(kept, path)
	}
}
