//go:build darwin || freebsd || linux || netbsd || openbsd

package directory

import (
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// Neither a FIFO nor a device that took the place of a file may block.
const (
	openDirectory = os.O_RDONLY | unix.O_DIRECTORY | unix.O_NONBLOCK
	openContent   = os.O_RDONLY | unix.O_NONBLOCK
)

// lstat looks at an entry of an open directory, without following it if it is
// a link. Relative to the directory's descriptor the name can't lead elsewhere.
func lstat(_ *os.Root, dir *os.File, _, name string, s *stat) error {
	var raw unix.Stat_t
	for {
		switch err := unix.Fstatat(int(dir.Fd()), name, &raw, unix.AT_SYMLINK_NOFOLLOW); err {
		case nil:
			s.fromRaw(&raw)
			return nil
		case unix.EINTR:
		default:
			return err
		}
	}
}

// fstat looks at an open file.
func fstat(f *os.File, s *stat) error {
	var raw unix.Stat_t
	for {
		switch err := unix.Fstat(int(f.Fd()), &raw); err {
		case nil:
			s.fromRaw(&raw)
			return nil
		case unix.EINTR:
		default:
			return err
		}
	}
}

func (s *stat) fromRaw(raw *unix.Stat_t) {
	*s = stat{
		kind: kindOf(uint32(raw.Mode)), size: raw.Size,
		seconds: int64(raw.Mtim.Sec), nanos: int64(raw.Mtim.Nsec),
		hasInode: true,
		inode: inode{
			identity: identity{uint64(raw.Dev), uint64(raw.Ino)},
			mode:     uint64(raw.Mode), links: uint64(raw.Nlink), uid: uint64(raw.Uid), gid: uint64(raw.Gid),
			seconds: int64(raw.Ctim.Sec), nanos: int64(raw.Ctim.Nsec),
		},
	}
}

func kindOf(mode uint32) fs.FileMode {
	switch mode & unix.S_IFMT {
	case unix.S_IFREG:
		return regular
	case unix.S_IFDIR:
		return fs.ModeDir
	case unix.S_IFLNK:
		return fs.ModeSymlink
	}
	return fs.ModeIrregular
}
