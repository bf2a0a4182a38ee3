package directory

import (
	"errors"
	"io/fs"
	"syscall"
)

// link follows a symbolic link within the root. A link to a file is a document
// of its own. A link to a directory leads to documents under the link's path,
// but not within a directory that was itself reached by a link: what is behind
// such a link is found from its own place, and nothing runs in circles.
func (w *walk) link(f *folder, path, name string) error {
	local := w.local(path)
	keeps, enters := w.names.keeps(local), w.names.enters(local) && !f.linked
	if !keeps && !enters {
		return nil
	}
	info, err := w.root.Stat(local)
	switch {
	case err != nil:
		if !leadsNowhere(err) {
			w.unread.add(path, err)
		}
	case info.IsDir() && enters:
		f.below = append(f.below, subfolder{name: name, linked: true})
	case info.Mode().IsRegular() && keeps:
		return w.linkedFile(f, path, name)
	}
	return nil
}

// leadsNowhere reports the error of a link whose target does not exist, lies
// outside or is the link itself, and not one by which it might be read later.
func leadsNowhere(err error) bool {
	var number syscall.Errno
	return !errors.As(err, &number) || errors.Is(err, fs.ErrNotExist) || number == syscall.ELOOP || number == syscall.ENOTDIR
}

func (w *walk) linkedFile(f *folder, path, name string) error {
	file, err := w.root.OpenFile(w.local(path), openContent, 0)
	if err != nil {
		return w.emit(w.unreadable(path, err))
	}
	defer file.Close()
	var s stat
	if err := fstat(file, &s); err != nil {
		return w.emit(w.unreadable(path, err))
	}
	if s.kind != regular {
		return nil
	}
	return w.file(f, path, name, &s, true)
}
