package job

import (
	"cmp"
	"context"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/tributary-search/tributary/runtime/connector"
)

// downloads reads attachments and sends their documents, from as many
// goroutines as are allowed. They live as long as the source is read, so that
// a stack grows once and not for every document.
type downloads struct {
	group *errgroup.Group
	next  chan download // unbuffered: what is taken is worked on
	over  chan struct{} // closed when the source has been read

	mu      sync.Mutex // guards what follows
	changed *sync.Cond
	open    int // documents that are on their way
	settles int // callers of settle that wait
}

// download is a document whose content is still to be read.
type download struct {
	doc     connector.Document
	work    *work
	verdict verdict
	tally   string
}

// startDownloads returns a context that ends with the first error of one.
func (r *road) startDownloads(ctx context.Context) (*downloads, context.Context) {
	g, ctx := errgroup.WithContext(ctx)
	d := &downloads{group: g, next: make(chan download), over: make(chan struct{})}
	d.changed = sync.NewCond(&d.mu)
	if r.extract == nil {
		return d, ctx
	}
	for range cmp.Or(r.options.Downloads, 10) {
		g.Go(func() error { return r.download(ctx, d) })
	}
	return d, ctx
}

// add hands a document over; it blocks while all are busy.
func (d *downloads) add(ctx context.Context, item download) (err error) {
	d.begin()
	select {
	case d.next <- item:
		return nil
	case <-d.over:
		err = errEmitAfter
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	d.end()
	return err
}

// begin notes a document that is on its way; it waits for those who settle.
func (d *downloads) begin() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for d.settles > 0 {
		d.changed.Wait()
	}
	d.open++
}

func (d *downloads) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open--; d.open == 0 {
		d.changed.Broadcast()
	}
}

// settle returns when every document that was added before is sent, so that
// none of them can overtake one that comes later.
func (d *downloads) settle() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.settles++
	for d.open > 0 {
		d.changed.Wait()
	}
	if d.settles--; d.settles == 0 {
		d.changed.Broadcast()
	}
}

// wait returns when every document that was added is sent, or with the first
// error.
func (d *downloads) wait() error {
	close(d.over)
	return d.group.Wait()
}

// download sends one document after the other.
func (r *road) download(ctx context.Context, d *downloads) error {
	for {
		select {
		case item := <-d.next:
			err := r.send(ctx, &item.doc, item.work, item.verdict, item.tally)
			d.end()
			if err != nil {
				return err
			}
		case <-d.over:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
