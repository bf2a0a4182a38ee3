package connector

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
)

// maxPooled keeps one huge document from staying in memory for ever.
const maxPooled = 1 << 20

// body is the encoded fields of one document, after the brace that opens it.
type body struct {
	buf     []byte
	renamed []Renaming
}

var bodies = sync.Pool{New: func() any { return &body{buf: append(make([]byte, 0, 1024), '{')} }}

func newBody() *body {
	return bodies.Get().(*body)
}

func (b *body) release() {
	b.reuse(b.buf)
}

// reuse makes the body one of another document, with this memory if it is of a
// common size.
func (b *body) reuse(memory []byte) {
	if cap(memory) == 0 || cap(memory) > maxPooled {
		b.buf = nil // copies of the document, on their way through calls, still know the body
		return
	}
	b.buf, b.renamed = append(memory[:0], '{'), nil
	bodies.Put(b)
}

// fields are what follows the brace.
func (b *body) fields() []byte { return b.buf[min(1, len(b.buf)):] }

func (b *body) set(key string, value any) error {
	return b.setFunc(key, func(dst []byte) ([]byte, error) { return appendValue(dst, value, 0) })
}

func (b *body) setFunc(key string, write func(dst []byte) ([]byte, error)) error {
	start, renamed := len(b.buf), len(b.renamed)
	b.key(key)
	return b.finish(key, start, renamed, write)
}

func (b *body) setField(f *Field, write func(dst []byte) ([]byte, error)) error {
	if f.encoded == nil || len(b.renamed) > 0 {
		return b.setFunc(f.name, write)
	}
	start := len(b.buf)
	if start > 1 {
		b.buf = append(b.buf, ',')
	}
	b.buf = append(b.buf, f.encoded...)
	return b.finish(f.name, start, 0, write)
}

// finish writes the value of a key, or takes the key back.
func (b *body) finish(key string, start, renamed int, write func(dst []byte) ([]byte, error)) error {
	buf, err := write(b.buf)
	if err != nil {
		b.buf, b.renamed = b.buf[:start], b.renamed[:renamed]
		return fmt.Errorf("field %q: %w", key, err)
	}
	b.buf = buf
	return nil
}

func (b *body) setRaw(key string, value []byte) {
	b.key(key)
	if len(value) == 0 {
		b.buf = append(b.buf, "null"...)
		return
	}
	b.buf = reserve(b.buf, len(value))
	start := len(b.buf)
	b.buf = append(b.buf, value...)
	// Between its tokens JSON may hold line breaks, but one would end the
	// document's line in a bulk request.
	blank(b.buf[start:], '\n')
	blank(b.buf[start:], '\r')
}

// large is the size of a value from which on memory is made in one piece for it
// and what follows: grown by a quarter again and again, as append does, a large
// document would be in memory twice, and leave as much behind.
const large = 64 << 10

// reserve makes room for a value of so many bytes, for some escapes in it, and
// for what the runtime adds to a document.
func reserve(dst []byte, size int) []byte {
	if size < large || size+roomAfter <= cap(dst)-len(dst) {
		return dst
	}
	return append(make([]byte, 0, len(dst)+size+size/16+roomAfter), dst...)
}

const roomAfter = 2 << 10

// blank replaces a byte by a space.
func blank(text []byte, c byte) {
	for i := bytes.IndexByte(text, c); i >= 0; i = bytes.IndexByte(text, c) {
		text[i] = ' '
		text = text[i+1:]
	}
}

func (b *body) key(key string) {
	if len(b.buf) > 1 {
		b.buf = append(b.buf, ',')
	}
	b.buf = AppendString(b.buf, b.free(key))
	b.buf = append(b.buf, ':')
}

// free returns the name under which a field is stored: the key itself or, when
// that is reserved or was taken by an earlier renaming, a free name near it.
func (b *body) free(key string) string {
	if !ReservedField(key) && len(b.renamed) == 0 {
		return key
	}
	name := key
	if misplacedDots(key) {
		name = strings.ReplaceAll(key, ".", "_")
	}
	for ReservedField(name) || b.took(name) || name != key && fieldIn(b.fields(), name) {
		name += "_"
	}
	if name != key {
		b.renamed = append(b.renamed, Renaming{From: key, To: name})
	}
	return name
}

// took reports whether an earlier field was renamed to this name.
func (b *body) took(name string) bool {
	for _, r := range b.renamed {
		if r.To == name {
			return true
		}
	}
	return false
}

// Renaming is a field that could not keep its name.
type Renaming struct{ From, To string }

// ReservedField reports whether a top-level field name belongs to the runtime
// (id, _timestamp, _fingerprint, …), to Elasticsearch (_id, _source, …), or
// could not be indexed (empty, blank, or with misplaced dots).
func ReservedField(name string) bool {
	if name == "" || name == "id" {
		return true
	}
	if name[0] == '_' && reserved(name) {
		return true
	}
	return misplacedDots(name) || strings.TrimSpace(name) == ""
}

func reserved(name string) bool {
	switch name {
	case "_timestamp", "_fingerprint", "_allow_access_control", "_attachment",
		"_extract_binary_content", "_reduce_whitespace", "_run_ml_inference",
		"_id", "_source", "_index", "_version", "_routing", "_seq_no", "_primary_term",
		"_tier", "_ignored", "_ignored_source", "_field_names", "_doc_count", "_nested_path", "_type",
		"_feature", "_data_stream_timestamp", "_parent", "_all", "_ttl", "_size":
		return true
	}
	return false
}

// misplacedDots reports dots where Elasticsearch allows none: it reads a name
// with dots as a path of objects, whose parts may be neither empty nor blank.
func misplacedDots(name string) bool {
	if strings.IndexByte(name, '.') < 0 {
		return false
	}
	for part := range strings.SplitSeq(name, ".") {
		if strings.TrimSpace(part) == "" {
			return true
		}
	}
	return false
}
