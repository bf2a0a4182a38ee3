package directory

import (
	"errors"
	"io/fs"
	"time"
)

// regular is the type of plain files.
const regular fs.FileMode = 0

// stat is what the system tells about a file.
type stat struct {
	kind     fs.FileMode // regular or type bits
	size     int64
	seconds  int64 // of the last change of the content
	nanos    int64
	inode    inode
	hasInode bool
}

// inode is what file systems of Unix keep about a file. It stays zero
// elsewhere.
type inode struct {
	identity
	mode, links, uid, gid uint64
	seconds, nanos        int64 // of the last change of the inode: ctime
}

// identity tells two files apart, whatever they are called.
type identity struct {
	device, number uint64
}

func (s *stat) modified() time.Time { return time.Unix(s.seconds, s.nanos).UTC() }

// sameContent reports whether two readings found the same, unchanged file.
func (s *stat) sameContent(other *stat) bool {
	return s.kind == other.kind && s.size == other.size && s.seconds == other.seconds &&
		s.nanos == other.nanos && s.inode.identity == other.inode.identity
}

// reason strips an error of the name of a system call and of a path that is
// relative to something else.
func reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
