//go:build !(darwin || freebsd || linux || netbsd || openbsd)

package directory

import (
	"io/fs"
	"os"
)

const (
	openDirectory = os.O_RDONLY
	openContent   = os.O_RDONLY
)

// lstat looks at an entry of a directory by its path below the root, without
// following it if it is a link.
func lstat(root *os.Root, _ *os.File, path, _ string, s *stat) error {
	info, err := root.Lstat(path)
	if err == nil {
		s.fromInfo(info)
	}
	return err
}

// fstat looks at an open file.
func fstat(f *os.File, s *stat) error {
	info, err := f.Stat()
	if err == nil {
		s.fromInfo(info)
	}
	return err
}

// fromInfo fills in what is known on every system.
func (s *stat) fromInfo(info fs.FileInfo) {
	changed := info.ModTime()
	*s = stat{kind: info.Mode().Type(), size: info.Size(), seconds: changed.Unix(), nanos: int64(changed.Nanosecond())}
}
