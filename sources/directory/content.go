package directory

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
)

var (
	errChanged  = errors.New("changed while being read; the next sync reads it again")
	errNoLonger = errors.New("is no longer a regular file")
)

// tick is how long two changes of a file may carry the same time, on the file
// systems of today: a little more than the slowest clock interrupt.
const tick = 20 * time.Millisecond

// content is a file's content as it was when the file was listed.
type content struct {
	connector.Attachment
	root   *tree
	now    func() time.Time
	path   string // absolute
	local  string // below the root
	listed stat
	fresh  bool // it had just been changed when it was listed
}

func newContent(w *walk, path, name, mediaType string, s *stat) *connector.Attachment {
	c := &content{root: w.root, now: w.source.deps.Now, path: path, local: w.local(path), listed: *s}
	c.fresh = w.now.Sub(s.modified()) < tick
	c.Attachment = connector.Attachment{
		Name: name, MediaType: mediaType, Size: s.size, ModTime: s.modified(), Open: c.open,
	}
	return &c.Attachment
}

// open opens the file below the directory, whatever became of its path since
// it was listed, and refuses every other file.
func (c *content) open(ctx context.Context) (io.ReadCloser, error) {
	if err := c.settle(ctx); err != nil {
		return nil, err
	}
	file, err := c.root.open(c.local)
	if err != nil {
		return nil, c.wrap(err)
	}
	r := &reader{content: c, file: file}
	if err := r.check(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return r, nil
}

// settle waits until another change of the file would carry another time.
func (c *content) settle(ctx context.Context) error {
	if !c.fresh {
		return nil
	}
	age := c.now().Sub(c.ModTime)
	if age < 0 || age >= tick {
		return nil
	}
	timer := time.NewTimer(tick - age)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (c *content) wrap(err error) error {
	return fmt.Errorf("file %s: %w", c.path, reason(err))
}

// reader reads a file to its end, where it is an error when the file is not
// what it was at the start.
type reader struct {
	content *content
	file    *os.File
	read    int64
}

// Read reports the end together with the last bytes, once the file was found
// unchanged.
func (r *reader) Read(p []byte) (int, error) {
	n, err := r.file.Read(p)
	r.read += int64(n)
	switch {
	case err == nil && r.read < r.content.Size:
		return n, nil
	case err != nil && err != io.EOF:
		return n, r.content.wrap(err)
	case r.read != r.content.Size:
		return n, r.content.wrap(errChanged)
	}
	if err := r.check(); err != nil {
		return n, err
	}
	return n, io.EOF
}

// Close closes the file.
func (r *reader) Close() error { return r.file.Close() }

// check compares the file with what it was when it was listed.
func (r *reader) check() error {
	var now stat
	switch err := fstat(r.file, &now); {
	case err != nil:
		return r.content.wrap(err)
	case now.kind != regular:
		return r.content.wrap(errNoLonger)
	case !now.sameContent(&r.content.listed):
		return r.content.wrap(errChanged)
	}
	return nil
}
