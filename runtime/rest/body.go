package rest

import (
	"context"
	"errors"
	"io"
	"time"
)

var errStalled = errors.New("the answer stands still")

// body is an answer that its caller reads. It may take as long as it likes
// while something comes; Close ends its request.
type body struct {
	io.ReadCloser
	timeout time.Duration
	timer   *time.Timer
	cancel  context.CancelCauseFunc
	cause   func() error
}

func newBody(ctx context.Context, from io.ReadCloser, timeout time.Duration, cancel context.CancelCauseFunc) *body {
	return &body{
		ReadCloser: from, timeout: timeout, cancel: cancel,
		timer: time.AfterFunc(timeout, func() { cancel(errStalled) }),
		cause: func() error { return context.Cause(ctx) },
	}
}

func (b *body) Read(p []byte) (int, error) {
	b.timer.Reset(b.timeout)
	n, err := b.ReadCloser.Read(p)
	b.timer.Stop()
	if err != nil && !errors.Is(err, io.EOF) {
		if why := b.cause(); why != nil {
			err = why
		}
	}
	return n, err
}

func (b *body) Close() error {
	b.timer.Stop()
	err := b.ReadCloser.Close()
	b.cancel(nil)
	return err
}
