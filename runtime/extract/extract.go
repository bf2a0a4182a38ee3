// Package extract turns the content of a document into text: files of text
// are decoded here, office formats by Elastic's data extraction service or by
// an ingest pipeline, where there is one.
//
// Markup (HTML, XML, Markdown) is text and stays as it is.
package extract

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/tributary-search/tributary/runtime/connector"
)

// The fields that content is indexed in.
const (
	// Body holds text.
	Body = "body"
	// Attachment holds base64 for the attachment processor of a pipeline.
	Attachment = "_attachment"
)

// DefaultMaxSize is the most bytes of content that are read by default.
const DefaultMaxSize = 10 << 20

// Extractor reads attachments. Its methods are safe for concurrent use; its
// fields may not change once it is used.
type Extractor struct {
	// MaxSize is the most bytes of content that are read; larger content has
	// no text. What is sent to the service is not limited, as in Elastic's.
	MaxSize int64
	// ServiceURL is the address of the data extraction service; empty when
	// there is none.
	ServiceURL string
	// HTTP makes the requests to the service and limits their time; without
	// it each has 30 seconds.
	HTTP *http.Client
	// Attachment says that the ingest pipeline extracts text from base64.
	Attachment bool
}

// limit is MaxSize, at most so much that it can be computed with; no memory
// holds more.
func (e *Extractor) limit() int64 { return min(e.MaxSize, 1<<48) }

// Extract appends an attachment's text to dst[:0] and returns the field that
// it belongs to; an empty field says that no text can be had of it. The
// content is the caller's, as dst was, and dst must not be used any more: on
// every return, errors included, content is the buffer to use again. An
// attachment that can't have text is not opened.
//
// An error says that the text could not be read this time, not that there is
// none.
func (e *Extractor) Extract(ctx context.Context, a *connector.Attachment, dst []byte) (field string, content []byte, err error) {
	dst = dst[:0]
	switch formatOf(a.Name, a.MediaType) {
	case opaque:
		return "", dst, nil
	case office:
		return e.office(ctx, a, dst)
	}
	return e.text(ctx, a, dst)
}

// Identity returns the settings that shape the result. Documents are sent
// again when it changes.
func (e *Extractor) Identity() []byte {
	return fmt.Appendf(nil, "extract 1, up to %d bytes, service %t, attachment %t", e.MaxSize, e.ServiceURL != "", e.Attachment)
}

// text reads what may be text, and decides when it has seen it.
func (e *Extractor) text(ctx context.Context, a *connector.Attachment, dst []byte) (string, []byte, error) {
	if a.Size > e.MaxSize {
		return "", dst, nil
	}
	r, err := a.Open(ctx)
	if err != nil {
		return "", dst, err
	}
	dst, whole, err := e.readText(ctx, r, dst, a.Size)
	if err = cmp.Or(err, r.Close()); err != nil || !whole {
		return "", dst[:0], err
	}
	dst, ok := decode(dst)
	if !ok || len(dst) == 0 {
		return "", dst[:0], nil
	}
	return Body, dst, nil
}

// least is how much room a reading begins with.
const least = 4 << 10

// readText reads to the end. It gives up, and reports false, when the content
// is larger than allowed or begins like nothing that is text. It trusts the
// size that the source states only for how much room to begin with.
func (e *Extractor) readText(ctx context.Context, r io.Reader, dst []byte, size int64) ([]byte, bool, error) {
	dst = slices.Grow(dst, int(min(max(size+1, least), maxRoom)))
	looked := false
	for {
		if len(dst) == cap(dst) {
			dst = slices.Grow(dst, len(dst))
		}
		n, err := r.Read(dst[len(dst):min(cap(dst), len(dst)+maxRead)])
		dst = dst[:len(dst)+n]
		switch {
		case int64(len(dst)) > e.MaxSize:
			return dst, false, nil
		case err == io.EOF:
			return dst, true, nil
		case err != nil:
			return dst, false, err
		case ctx.Err() != nil:
			return dst, false, context.Cause(ctx)
		case !looked && len(dst) >= head:
			if looked = true; encodingOf(dst[:head]) == opaqueBytes {
				return dst, false, nil
			}
		}
	}
}

const (
	maxRoom = 1 << 20   // more is made when there is something to put into it
	maxRead = 256 << 10 // so that a cancel is noticed
)
