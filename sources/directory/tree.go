package directory

import (
	"os"
	"path/filepath"
	"runtime"
	"sync"
)

// tree is the directory as one sync finds it. All files are opened through it,
// so no link, name or race leads out of it. Contents are read when the walk may
// be over, or never: it stays open for as long as one of them can be reached.
type tree struct {
	*os.Root

	mu   sync.Mutex
	last *openFolder // the folder of the file that was opened last
}

// openFolder is a folder that is open while files of it are.
type openFolder struct {
	*os.Root
	path  string
	users int // the tree, while it is the last, and those opening a file
}

func openTree(path string) (*tree, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	t := &tree{Root: root}
	runtime.AddCleanup(t, func(root *os.Root) { _ = root.Close() }, root)
	return t, nil
}

// open opens a file. Files of one folder are mostly opened one after the other,
// and the way to the folder costs more than the file: the last folder stays
// open. Where that does not lead to the file, as with a link out of the
// folder, the way from the top decides.
func (t *tree) open(local string) (*os.File, error) {
	if dir, name := filepath.Split(local); dir != "" {
		if folder, err := t.enter(dir); err == nil {
			file, err := folder.OpenFile(name, openContent, 0)
			t.leave(folder)
			if err == nil {
				return file, nil
			}
		}
	}
	return t.OpenFile(local, openContent, 0)
}

// enter returns an open folder; leave must follow.
func (t *tree) enter(dir string) (*openFolder, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last != nil && t.last.path == dir {
		t.last.users++
		return t.last, nil
	}
	root, err := t.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	if t.last != nil {
		t.last.drop()
	}
	t.last = &openFolder{Root: root, path: dir, users: 2}
	return t.last, nil
}

func (t *tree) leave(f *openFolder) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f.drop()
}

// drop closes the folder when nobody uses it any more.
func (f *openFolder) drop() {
	if f.users--; f.users == 0 {
		_ = f.Close()
	}
}
