package extract

import (
	"cmp"
	"context"
	"encoding/base64"
	"io"
	"slices"

	"github.com/tributary-search/tributary/runtime/connector"
)

// office reads a format that others extract the text from: the service, else
// the pipeline.
func (e *Extractor) office(ctx context.Context, a *connector.Attachment, dst []byte) (string, []byte, error) {
	if e.ServiceURL == "" && (!e.Attachment || a.Size > e.MaxSize) {
		return "", dst, nil
	}
	r, err := a.Open(ctx)
	if err != nil {
		return "", dst, err
	}
	if e.ServiceURL != "" {
		content, err := e.ask(ctx, r, dst)
		if err = cmp.Or(err, r.Close()); err != nil || len(content) == 0 {
			return "", content[:0], err
		}
		return Body, content, nil
	}
	content, whole, err := e.encode(ctx, r, dst, a.Size)
	if err = cmp.Or(err, r.Close()); err != nil || !whole || len(content) == 0 {
		return "", content[:0], err
	}
	return Attachment, content, nil
}

// encode appends the content in base64. It reports false when there is more
// than allowed.
func (e *Extractor) encode(ctx context.Context, r io.Reader, dst []byte, size int64) (content []byte, whole bool, err error) {
	out := &appender{buf: slices.Grow(dst, base64.StdEncoding.EncodedLen(int(min(max(size, 0), maxRoom))))}
	encoder := base64.NewEncoder(base64.StdEncoding, out)
	n, err := io.Copy(encoder, io.LimitReader(until(ctx, r), e.limit()+1))
	err = cmp.Or(err, encoder.Close())
	return out.buf, n <= e.limit(), err
}

// appender is a buffer that can be taken out.
type appender struct{ buf []byte }

func (a *appender) Write(p []byte) (int, error) {
	a.buf = append(a.buf, p...)
	return len(p), nil
}

// until reads until the context is cancelled.
func until(ctx context.Context, r io.Reader) io.Reader {
	return readerFunc(func(p []byte) (int, error) {
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		return r.Read(p)
	})
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
