package elastic

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/klauspost/compress/gzip"
)

// sender sends the batches of one lane, again where that helps, until every
// item is settled. Its buffers are used again.
type sender struct {
	bulk     *Bulk
	answer   []byte
	verdicts []verdict
	zipped   bytes.Buffer
	zip      *gzip.Writer
}

// setback is a request that did not settle its items but may be sent again.
type setback struct {
	err    error
	unsure bool // it may have been carried out
	after  time.Duration
}

// tellAfter is the number of attempts after which a user is told why a sync
// stands still; by then some seconds have passed.
const tellAfter = 5

// batch sends a batch until its items are settled. An error ends the sync.
func (s *sender) batch(ctx context.Context, b *batch) error {
	left := s.bulk.client.start(s.bulk.options.Retry)
	for {
		began := time.Now()
		again, err := s.round(ctx, b)
		if err != nil {
			return err
		}
		s.observe(time.Since(began), b, again)
		if again == nil {
			return nil
		}
		if again.unsure {
			b.doubt()
		}
		size, items := b.size()
		if !left.wait(ctx, again.after) {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return fmt.Errorf("bulk request of %d documents and %d bytes given up after %d attempts in %s: %w",
				items, size, left.tried, time.Since(left.started).Round(time.Second), again.err)
		}
		s.bulk.counts.add(countRetried, int64(items))
		level := slog.LevelDebug
		if left.tried == tellAfter {
			level = slog.LevelWarn
		}
		s.bulk.client.log.Log(ctx, level, "bulk request is repeated", "documents", items, "attempts", left.tried, "error", again.err)
	}
}

func (s *sender) observe(took time.Duration, b *batch, again *setback) {
	if s.bulk.options.Observe == nil {
		return
	}
	items := 0
	if again != nil {
		_, items = b.size()
	}
	s.bulk.options.Observe(took, items)
}

// maxKept is how large a buffer may be that is kept for the next batch.
const maxKept = 4 << 20

// shrink gives memory back that one unusual answer took.
func (s *sender) shrink() {
	if cap(s.answer) > maxKept {
		s.answer = nil
	}
	if s.zipped.Cap() > maxKept {
		s.zipped, s.zip = bytes.Buffer{}, nil
	}
}

// doubt marks what an unanswered request may have carried out.
func (b *batch) doubt() {
	for i := range b.items {
		if b.items[i].state == open {
			b.items[i].unsure = true
		}
	}
}

// round sends the open items once and settles what it can.
func (s *sender) round(ctx context.Context, b *batch) (*setback, error) {
	query, err := s.bulk.guard.open(ctx, s.bulk)
	if err != nil {
		return nil, err
	}
	if err := s.bulk.pace.enter(ctx); err != nil {
		return nil, err
	}
	again, err := s.post(ctx, b, query)
	s.bulk.pace.leave(again != nil && isStatus(again.err, http.StatusTooManyRequests), again != nil || err != nil)
	if again != nil || err != nil {
		return again, err
	}
	s.verdicts, err = readVerdicts(s.verdicts, s.answer)
	if err == nil && !b.fits(s.verdicts) {
		err = errAnswer
	}
	if err != nil {
		return &setback{err: err, unsure: true}, nil
	}
	return s.settle(ctx, b)
}

// fits reports whether the answer has one verdict of its action for every open
// item.
func (b *batch) fits(verdicts []verdict) bool {
	n := 0
	for i := range b.items {
		if b.items[i].state != open {
			continue
		}
		if n == len(verdicts) || verdicts[n].op != b.items[i].op {
			return false
		}
		n++
	}
	return n == len(verdicts)
}

// post sends one request and reads its answer.
func (s *sender) post(ctx context.Context, b *batch, query string) (*setback, error) {
	c := s.bulk.client
	ctx, cancel := context.WithTimeoutCause(ctx, c.timeout, errTimeout)
	defer cancel()
	req := c.request(ctx, request{method: http.MethodPost, path: s.bulk.path, query: query})
	body, err := s.load(req, b)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	if err := body.fence(); err != nil {
		return nil, err
	}
	s.bulk.counts.add(countRequests, 1)
	s.bulk.counts.add(countBytes, req.ContentLength)
	res, err := c.transport.Perform(req)
	if shut := body.refusal(); shut != nil {
		if err == nil {
			_ = res.Body.Close()
		}
		return nil, shut
	}
	if err != nil {
		return s.failure(c.connectError(ctx, req, err), nil)
	}
	defer res.Body.Close()
	s.answer, err = readAll(s.answer, res.Body, 4096*(len(b.items)+16))
	if errors.Is(err, errTooLong) {
		return &setback{err: errAnswer, unsure: true}, nil
	} else if err != nil {
		return s.failure(c.connectError(ctx, req, err), nil)
	}
	return s.failure(c.check(req.Method, s.bulk.path, res, s.answer), res.Header)
}

// load gives a request its body, compressed if so configured.
func (s *sender) load(req *http.Request, b *batch) (*loan, error) {
	req.Header.Set("Content-Type", mediaBulk)
	var from io.Reader = &lines{batch: b}
	req.ContentLength, _ = b.size()
	if s.bulk.client.compress {
		if err := s.compress(from); err != nil {
			return nil, err
		}
		req.Header.Set("Content-Encoding", "gzip")
		req.ContentLength = int64(s.zipped.Len())
		from = bytes.NewReader(s.zipped.Bytes())
	}
	body := &loan{from: from, fence: s.fence(b)}
	req.Body = body
	return body, nil
}

// fence is what is asked before each part of a batch is sent.
func (s *sender) fence(b *batch) func() error {
	ask, deletes := s.bulk.options.Fence, b.deletes()
	if ask == nil {
		return func() error { return nil }
	}
	return func() error { return ask(deletes) }
}

func (s *sender) compress(from io.Reader) error {
	s.zipped.Reset()
	if s.zip == nil {
		var err error
		if s.zip, err = gzip.NewWriterLevel(&s.zipped, gzip.BestSpeed); err != nil {
			return err
		}
	} else {
		s.zip.Reset(&s.zipped)
	}
	if _, err := io.Copy(s.zip, from); err != nil {
		return err
	}
	return s.zip.Close()
}

// failure tells what can be tried again from what ends the sync.
func (s *sender) failure(err error, h http.Header) (*setback, error) {
	var answer *Error
	var connect *ConnectError
	switch {
	case err == nil:
		return nil, nil
	case errors.As(err, &connect) && connect.transient:
		return &setback{err: err, unsure: !connect.unsent}, nil
	case errors.As(err, &answer) && (answer.transient() || answer.Status >= 500):
		return &setback{err: err, unsure: answer.Status != http.StatusTooManyRequests, after: retryAfter(h)}, nil
	}
	return nil, s.explain(err)
}

// explain adds what a user needs to know of an error that ends the sync. To
// split a batch that is too large (413) instead, start here.
func (s *sender) explain(err error) error {
	if isStatus(err, http.StatusRequestEntityTooLarge) {
		return fmt.Errorf("a bulk request is larger than the server takes (the limit set here is %d bytes; a single larger document goes alone): %w",
			s.bulk.options.MaxBytes, err)
	}
	return err
}
