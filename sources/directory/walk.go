package directory

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
)

// chunk is how many entries of a directory are in memory at a time.
const chunk = 512

const separator = string(filepath.Separator)

// walk is one reading of the directory. It holds one directory open at a time,
// and in memory the names of the directories that are still to be read, which
// are those beside the way from the root to where it is.
type walk struct {
	source *Source
	root   *tree
	names  names
	rules  []rule
	emit   func(connector.Document) error
	access *permissions // nil: readers are not restricted

	prefix  string   // absolute, with a separator at the end
	stack   []folder // from the root to the directory that is read
	unread  unread
	now     time.Time // not later than the entries at hand were looked at
	scratch []byte
}

// folder is a directory that was read, while those in it are.
type folder struct {
	path   string // absolute
	id     identity
	linked bool // a link is on the way to it
	reach  readers
	below  []subfolder
}

// subfolder is a directory to be read.
type subfolder struct {
	name   string
	id     identity // as it was listed; unknown behind a link
	linked bool
}

func newWalk(s *Source, root *tree, rules []rule, emit func(connector.Document) error) *walk {
	prefix := strings.TrimSuffix(s.cfg.Directory, separator) + separator
	return &walk{source: s, root: root, names: s.names, rules: rules, emit: emit, prefix: prefix}
}

// run reads every directory, deepest first, so that few names wait.
func (w *walk) run(ctx context.Context) error {
	if err := w.read(ctx, strings.TrimSuffix(w.prefix, separator), subfolder{}); err != nil {
		return err
	}
	for len(w.stack) > 0 {
		top := &w.stack[len(w.stack)-1]
		last := len(top.below) - 1
		if last < 0 {
			w.stack = w.stack[:len(w.stack)-1]
			continue
		}
		next := top.below[last]
		top.below = top.below[:last]
		if err := w.read(ctx, join(top.path, next.name), next); err != nil {
			return err
		}
	}
	return w.unread.err(w.source.cfg.Directory)
}

func join(dir, name string) string { return dir + separator + name }

// local returns a path relative to the root, as [os.Root] takes it.
func (w *walk) local(path string) string {
	if len(path) <= len(w.prefix) {
		return "."
	}
	return path[len(w.prefix):]
}

// read emits the files of one directory and puts it on the stack with the
// directories in it.
func (w *walk) read(ctx context.Context, path string, as subfolder) error {
	dir, err := w.root.OpenFile(w.local(path), openDirectory, 0)
	if errors.Is(err, fs.ErrNotExist) && len(w.stack) > 0 {
		return nil // its files are gone with it
	}
	if err != nil {
		w.unread.add(path, err)
		return nil
	}
	defer dir.Close()
	f := folder{path: path, linked: as.linked}
	if !w.enter(dir, &f, as) {
		return nil
	}
	if err := w.list(ctx, dir, &f); err != nil {
		return err
	}
	w.stack = append(w.stack, f)
	return nil
}

// list deals with the entries of a directory, some at a time.
func (w *walk) list(ctx context.Context, dir *os.File, f *folder) error {
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		w.now = w.source.deps.Now()
		names, err := dir.Readdirnames(chunk)
		for _, name := range names {
			if err := w.entry(dir, f, name); err != nil {
				return err
			}
		}
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			w.unread.add(f.path, err)
			return nil
		}
	}
}

// enter reports whether an opened directory is the one that was meant and is
// not on the way to itself.
func (w *walk) enter(dir *os.File, f *folder, as subfolder) bool {
	var s stat
	if err := fstat(dir, &s); err != nil {
		w.unread.add(f.path, err)
		return false
	}
	f.id = s.inode.identity
	w.restrict(f, as, &s)
	if as.linked {
		return !s.hasInode || !slices.ContainsFunc(w.stack, func(above folder) bool { return above.id == f.id })
	}
	if as.id != (identity{}) && as.id != f.id {
		w.unread.add(f.path, errReplaced)
		return false
	}
	return true
}

// restrict finds out who may enter a directory and all those above it; behind a
// link, also those above the place where it leads.
func (w *walk) restrict(f *folder, as subfolder, s *stat) {
	if w.access == nil {
		return
	}
	clear(w.access.lists)
	if len(w.stack) == 0 {
		f.reach = w.access.behind(f.path)
		return
	}
	above := &w.stack[len(w.stack)-1]
	if as.linked && !above.linked {
		f.reach = above.reach.and(w.access.behind(f.path), w.access.accounts)
		return
	}
	f.reach = above.reach.and(permitted(&s.inode, mayEnter, hasACL(f.path)), w.access.accounts)
}

// entry deals with one entry of a directory by what it is. What is neither
// file, directory nor link holds no text and is left out, and so is what is
// gone by now.
func (w *walk) entry(dir *os.File, f *folder, name string) error {
	path := join(f.path, name)
	local := w.local(path)
	keeps, enters := w.names.keeps(local), w.names.enters(local)
	if !keeps && !enters {
		return nil
	}
	var s stat
	err := lstat(w.root.Root, dir, local, name, &s)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		w.unread.add(path, err)
	case s.kind == regular && keeps:
		return w.file(f, path, name, &s, false)
	case s.kind == fs.ModeDir && enters:
		f.below = append(f.below, subfolder{name: name, id: s.inode.identity, linked: f.linked})
	case s.kind == fs.ModeSymlink && w.source.cfg.FollowLinks:
		return w.link(f, path, name)
	}
	return nil
}

// file emits a regular file if the rules want it.
func (w *walk) file(f *folder, path, name string, s *stat, linked bool) error {
	if len(w.rules) > 0 && !slices.ContainsFunc(w.rules, func(r rule) bool { return r.matches(w.local(path), s) }) {
		return nil
	}
	d := w.document(path, name, s)
	switch {
	case w.access == nil:
	case linked:
		d.Access = w.access.linked(f.reach, path, &s.inode)
	default:
		d.Access = w.access.list(f.reach, path, &s.inode)
	}
	return w.emit(d)
}
