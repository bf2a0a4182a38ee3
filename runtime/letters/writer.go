package letters

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/tributary-search/tributary/runtime/elastic"
)

// writer writes batches: to the index as long as that takes them, else to the
// file. It is one goroutine's.
type writer struct {
	o          Options
	file       file
	made       bool   // the index is there
	problem    error  // why the index is not written any more
	lost       bool   // the run is another's
	inFile     int64  // letters in the file
	dropped    int64  // old ones that had to go for them
	unkept     int64  // letters that could not be kept
	failed     error  // why
	unwritable error  // why the file does not take them
	name       string // of the file, once it is used
}

func newWriter(o Options) writer {
	return writer{o: o, file: o.file(o.Connector)}
}

const (
	// patience is how long one batch may take before the file gets it.
	patience = 5 * time.Second
	// hurry is that time when the run was ended.
	hurry = 500 * time.Millisecond
)

var errSlow = errors.New("it did not take the letters in time")

var errOwnIndex = errors.New("dead_letters.index names the index of the documents themselves; name another one")

// limited is a context for a request beside a run, which may go on for a moment
// when the run has ended.
func limited(ctx context.Context, most time.Duration) (context.Context, func()) {
	inner, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), most, errSlow)
	release := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(hurry)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel()
		case <-inner.Done():
		}
	})
	return inner, func() {
		release()
		cancel()
	}
}

// write writes batches until no more come.
func (b *Box) write(ctx context.Context) {
	defer close(b.idle)
	for {
		select {
		case some := <-b.full:
			b.out.write(ctx, some)
			continue
		case <-b.last:
		}
		select {
		case some := <-b.full: // handed over before
			b.out.write(ctx, some)
		default:
			return
		}
	}
}

func (w *writer) write(ctx context.Context, some batch) {
	if some.written != nil {
		defer close(some.written)
	}
	left := some.letters
	if len(left) == 0 {
		return
	}
	if !w.lost && w.o.Fence != nil {
		w.lost = w.o.Fence(false) != nil
	}
	if w.lost {
		return
	}
	if w.o.Index != "" && w.problem == nil {
		left = w.toIndex(ctx, left)
	}
	w.toFile(left)
}

// toIndex returns what the index did not take.
func (w *writer) toIndex(ctx context.Context, batch []entry) []entry {
	ctx, cancel := limited(ctx, patience)
	defer cancel()
	x := index{w.o.Client, w.o.Index}
	if !w.made {
		if w.o.Index == w.o.Target {
			w.problem = errOwnIndex
			return batch
		}
		if w.problem = w.needs(x.ensure(ctx)); w.problem != nil {
			return batch
		}
		w.made = true
	}
	writes := make([]elastic.Write, len(batch))
	for i, e := range batch {
		writes[i] = elastic.Write{ID: e.key, Source: e.line}
	}
	refused, err := w.o.Client.WriteMany(ctx, w.o.Index, writes)
	if err != nil {
		w.problem = w.needs(err)
		return batch
	}
	var left []entry
	for i, err := range refused {
		if err == nil {
			continue
		}
		left = append(left, batch[i])
		if !single(err) {
			w.problem = w.needs(err)
		}
		w.failed = err
	}
	return left
}

// needs adds to a refusal all the privileges that letters need: the server names
// one after the other.
func (w *writer) needs(err error) error {
	if unusable(err) {
		return fmt.Errorf("%w (dead letters need view_index_metadata, read, write and create_index on index %s)", err, w.o.Index)
	}
	return err
}

// single reports a refusal that lies in one letter.
func single(err error) bool {
	var e *elastic.Error
	return errors.As(err, &e) && (e.Status == http.StatusBadRequest || e.Status == http.StatusRequestEntityTooLarge)
}

func (w *writer) toFile(batch []entry) {
	if len(batch) == 0 {
		return
	}
	if w.o.Dir == "" {
		w.unkept += int64(len(batch))
		w.failed = errors.New("there is no folder for them: HOME is not set; name one with --data")
		return
	}
	lines := make([][]byte, len(batch))
	for i, e := range batch {
		lines[i] = e.line
	}
	kept, gone, err := w.file.append(lines)
	w.dropped += gone
	w.unkept += int64(len(batch)) - kept
	if w.inFile += kept; kept > 0 {
		w.name = w.file.path
	}
	if err != nil {
		w.failed = err
		w.unwritable = err
	}
}
