package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// maxDocument is the largest document that rules are tried on, in bytes.
const maxDocument = 16 << 20

var errDocumentSize = fmt.Errorf("it is larger than %d MiB", maxDocument>>20)

// eachDocument reads JSON objects and calls take with the id of each ("id",
// else "_id", else its number from 1) and its members without the braces.
func (a *app) eachDocument(ctx context.Context, file string, take func(id string, fields []byte) error) error {
	in, name := a.Stdin, "the standard input"
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return usagef("documents: %w", err)
		}
		defer func() { _ = f.Close() }()
		in, name = f, file
	}
	text := &lineReader{Reader: in, line: 1, most: maxDocument}
	dec := json.NewDecoder(text)
	for n := 1; ; n++ {
		var raw json.RawMessage
		err := dec.Decode(&raw)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return usagef("document %d of %s (line %d) can't be read: %w", n, name, text.lineAt(brokenAt(dec, err)), err)
		case raw[0] != '{':
			return usagef("document %d of %s (line %d) is not a JSON object", n, name, text.lineAt(dec.InputOffset()))
		case ctx.Err() != nil:
			return context.Cause(ctx)
		}
		text.lineAt(dec.InputOffset())
		text.most = dec.InputOffset() + maxDocument
		if err := take(idOf(raw, n), bytes.TrimSpace(raw[1:len(raw)-1])); err != nil {
			return err
		}
	}
}

// brokenAt is where a text is broken, else where the document begins.
func brokenAt(dec *json.Decoder, err error) int64 {
	var broken *json.SyntaxError
	if errors.As(err, &broken) {
		return broken.Offset
	}
	return dec.InputOffset()
}

func idOf(raw json.RawMessage, n int) string {
	var named struct {
		ID         any `json:"id"`
		Underscore any `json:"_id"`
	}
	_ = json.Unmarshal(raw, &named) // it was valid JSON a moment ago
	for _, id := range []any{named.ID, named.Underscore} {
		if text, ok := id.(string); ok && text != "" {
			return text
		}
	}
	return fmt.Sprint(n)
}

// lineReader counts lines, and reads up to most.
type lineReader struct {
	io.Reader
	read, most int64
	line       int     // before the breaks
	breaks     []int64 // the offsets of line breaks that nobody has asked beyond
}

// Read notes the line breaks of what it reads.
func (r *lineReader) Read(p []byte) (int, error) {
	if r.read > r.most {
		return 0, errDocumentSize
	}
	n, err := r.Reader.Read(p[:min(int64(len(p)), r.most-r.read+1)])
	for i, c := range p[:n] {
		if c == '\n' {
			r.breaks = append(r.breaks, r.read+int64(i))
		}
	}
	r.read += int64(n)
	return n, err
}

// lineAt returns the line of an offset, which is no smaller than the last one.
func (r *lineReader) lineAt(offset int64) int {
	n := 0
	for n < len(r.breaks) && r.breaks[n] < offset-1 {
		n++
	}
	r.line, r.breaks = r.line+n, r.breaks[n:]
	return r.line
}
