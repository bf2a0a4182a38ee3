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

// setback is why a request did not settle its items.
type setback struct {
	err   error
	what  ruling // again, unknown, cut or part
	after time.Duration
}

// outcome is what became of a request. Without again nothing of it is left.
type outcome struct {
	taken, open int   // items that are settled, and those to be sent again
	again       error // the last reason for that
	cut         bool  // it is to be sent in smaller ones
	after       time.Duration
}

// tellAfter is the number of attempts after which a user is told why a sync
// stands still; by then some seconds have passed.
const tellAfter = 5

// tell says why items are sent again.
func (s *sender) tell(ctx context.Context, o outcome, left *budget) {
	level := slog.LevelDebug
	if left.tried == tellAfter-1 && o.taken == 0 {
		level = slog.LevelWarn
	}
	s.bulk.client.log.Log(ctx, level, "bulk request is repeated", "documents", o.open, "attempts", left.tried+1, "error", o.again)
}

// givenUp is the error of what was tried too often or for too long.
func givenUp(b *batch, o outcome, left *budget) error {
	size, items := b.size()
	if items == 0 { // some were taken: those left are not in a request
		b.upto = len(b.items)
		size, items = b.size()
	}
	since := b.since(left.started)
	return fmt.Errorf("bulk request of %d documents and %d bytes given up after %d attempts in %s: %w",
		items, size, left.tried, time.Since(since).Round(time.Second), o.again)
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

// round sends one request with open items and settles what it can.
func (s *sender) round(ctx context.Context, b *batch) (outcome, error) {
	query, err := s.bulk.guard.open(ctx, s.bulk)
	if err != nil {
		return outcome{}, err
	}
	turn, err := s.bulk.pace.enter(ctx)
	if err != nil {
		return outcome{}, err
	}
	b.aim(int64(s.bulk.most()))
	began := time.Now()
	back, err := s.ask(ctx, b, query)
	took := time.Since(began)
	s.bulk.pace.leave(turn, s.load(back, err), back.after)
	if err != nil {
		return outcome{}, err
	}
	o, err := s.conclude(ctx, b, back)
	if err == nil && s.bulk.options.Observe != nil {
		s.bulk.options.Observe(took, o.open)
	}
	return o, err
}

// ask sends a request and reads the verdicts on its items.
func (s *sender) ask(ctx context.Context, b *batch, query string) (setback, error) {
	s.verdicts = s.verdicts[:0]
	back, err := s.post(ctx, b, query)
	if back.err != nil || err != nil {
		return back, err
	}
	if s.verdicts, err = readVerdicts(s.verdicts, s.answer, b); err != nil {
		return setback{err: err, what: unknown}, nil
	}
	return setback{}, nil
}

// telling is how many refused items of a request say something of the server's
// load.
const telling = 10

// load is what an answer says about the server.
func (s *sender) load(back setback, err error) load {
	switch {
	case isStatus(back.err, http.StatusTooManyRequests):
		return heavy
	case back.err != nil || err != nil:
		return unclear
	}
	refused := 0
	for i := range s.verdicts {
		if s.verdicts[i].status == http.StatusTooManyRequests {
			refused++
		}
	}
	switch {
	case 2*refused > len(s.verdicts) && refused >= telling:
		return heavy
	case refused > 0:
		return unclear
	}
	return light
}

// conclude decides about the items of a request.
func (s *sender) conclude(ctx context.Context, b *batch, back setback) (outcome, error) {
	if back.err == nil {
		b.only = 0
		return s.settle(ctx, b)
	}
	size, items := b.size()
	switch back.what {
	case unknown:
		b.doubt()
	case cut, part:
		if items == 1 {
			return s.rejectOnly(b, back)
		}
		b.only = size / 2
		if back.what == cut {
			s.bulk.pace.lower(size)
		}
		s.bulk.client.log.Debug("bulk request is sent in parts", "documents", items, "bytes", size, "error", back.err)
		return outcome{open: items, again: back.err, cut: true}, nil
	}
	return outcome{open: items, again: back.err, after: back.after}, nil
}

// post sends one request and reads its answer.
func (s *sender) post(ctx context.Context, b *batch, query string) (setback, error) {
	c := s.bulk.client
	ctx, cancel := context.WithTimeoutCause(ctx, c.timeout, errTimeout)
	defer cancel()
	req := c.request(ctx, request{method: http.MethodPost, path: s.bulk.path, query: query})
	body, err := s.body(req, b)
	if err != nil {
		return setback{}, err
	}
	defer body.Close()
	if err := body.fence(); err != nil {
		return setback{}, err
	}
	s.bulk.counts.add(countRequests, 1)
	s.bulk.counts.add(countBytes, req.ContentLength)
	res, err := c.transport.Perform(req)
	if shut := body.refusal(); shut != nil {
		if err == nil {
			_ = res.Body.Close()
		}
		return setback{}, shut
	}
	if err != nil {
		return s.failure(c.connectError(ctx, req, err), nil)
	}
	defer res.Body.Close()
	s.answer, err = readAll(s.answer, res.Body, 4096*(len(b.items)+16))
	if errors.Is(err, errTooLong) {
		return setback{err: errAnswer, what: unknown}, nil
	} else if err != nil {
		return s.failure(c.connectError(ctx, req, err), nil)
	}
	return s.failure(c.check(req.Method, s.bulk.path, res, s.answer), res.Header)
}

// body gives a request its body, compressed if so configured.
func (s *sender) body(req *http.Request, b *batch) (*loan, error) {
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
func (s *sender) failure(err error, h http.Header) (setback, error) {
	var answer *Error
	var connect *ConnectError
	switch {
	case err == nil:
		return setback{}, nil
	case errors.As(err, &connect) && connect.transient && connect.unsent:
		return setback{err: err, what: again}, nil
	case errors.As(err, &connect) && connect.transient:
		return setback{err: err, what: unknown}, nil
	case !errors.As(err, &answer):
		return setback{}, err
	}
	if what := requestRuling(answer); what != stop {
		return setback{err: err, what: what, after: min(retryAfter(h), s.bulk.options.Retry.Elapsed)}, nil
	}
	return setback{}, err
}
