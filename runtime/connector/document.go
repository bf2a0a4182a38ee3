package connector

import (
	"context"
	"io"
	"time"
)

// Document is one item of a source on its way to the index. Its fields are
// held as encoded JSON from the start: they are encoded once and their size
// is exact. Make one with [NewDocument]; after emit the source must not touch
// it any more.
type Document struct {
	// ID is unique in the source and the same in every sync. It becomes _id.
	ID string
	// UpdatedAt is when the source last changed the document; zero when the
	// source cannot tell. It becomes _timestamp.
	UpdatedAt time.Time
	// Access lists the identities that may read the document; nil when access
	// is not restricted. It becomes _allow_access_control.
	Access []string
	// Attachment is the document's content, read only when it is needed; nil
	// when there is none.
	Attachment *Attachment
	// Err says that the document exists but could not be read. Its copy in
	// the index stays as it is, and the document counts as failed.
	Err error

	body *body
}

// Attachment is a document's content. Not reading it is not calling Open.
type Attachment struct {
	// Name is the file name; its extension tells the format.
	Name string
	// MediaType is the type that the source states, or empty.
	MediaType string
	// Size is the number of bytes, or -1 when the source cannot tell.
	Size int64
	// ModTime and ETag identify this version of the content, with Size. A
	// document is sent again when one of the fields of its attachment changes.
	ModTime time.Time
	ETag    string
	// Open starts reading. It is called at most once per sync, possibly from
	// another goroutine than the one that emitted the document.
	Open func(ctx context.Context) (io.ReadCloser, error)
}

// NewDocument returns an empty document with an ID.
func NewDocument(id string) Document {
	return Document{ID: id, body: newBody()}
}

// Set adds a field. Values are encoded by their type: strings (invalid UTF-8
// replaced), booleans, integers, floats (NaN and infinities become null),
// time.Time (see [AppendTime]), []byte (base64), json.RawMessage (checked),
// []any and map[string]any of such values, the common slices of one type, and
// everything else as encoding/json does. A value that can't be encoded makes
// the document's Err, and the field is left out.
//
// A name that the runtime or Elasticsearch reserves gets a suffix "_", and
// misplaced dots become "_" (see [ReservedField]).
func (d *Document) Set(key string, value any) {
	d.ensure()
	if err := d.body.set(key, value); err != nil && d.Err == nil {
		d.Err = err
	}
}

// SetRaw adds a field whose value is already JSON, copied and not checked; an
// empty one is null. A value that is not one complete JSON value makes
// Elasticsearch refuse the document.
func (d *Document) SetRaw(key string, value []byte) {
	d.ensure()
	d.body.setRaw(key, value)
}

// SetFunc adds a field whose value write appends to dst as one JSON value on
// one line; it is neither copied nor checked. It is for sources that turn a
// value of another encoding into JSON as they read it. If write fails, the
// field is left out and its error makes the document's Err.
func (d *Document) SetFunc(key string, write func(dst []byte) ([]byte, error)) {
	d.ensure()
	if err := d.body.setFunc(key, write); err != nil && d.Err == nil {
		d.Err = err
	}
}

// Field is the name of a field that many documents have, encoded once. It is
// safe for concurrent use.
type Field struct {
	name    string
	encoded []byte // with quotes and colon; nil for a name that is reserved
}

// NewField prepares a name.
func NewField(name string) *Field {
	f := &Field{name: name}
	if !ReservedField(name) {
		f.encoded = append(AppendString(nil, name), ':')
	}
	return f
}

// Name is the name as it was given.
func (f *Field) Name() string { return f.name }

// SetField is [Document.SetFunc] with a prepared name.
func (d *Document) SetField(f *Field, write func(dst []byte) ([]byte, error)) {
	d.ensure()
	if err := d.body.setField(f, write); err != nil && d.Err == nil {
		d.Err = err
	}
}

// Fields returns the encoded fields without the braces around them, such as
// "a":1,"b":"x" with its quotes. The slice is valid until [Document.Release].
func (d *Document) Fields() []byte {
	if d.body == nil {
		return nil
	}
	return d.body.fields()
}

// Take releases the document and returns its JSON without the brace at the end:
// { and the fields. That memory is the caller's, who gives spare in exchange,
// memory that nobody uses any more, or nil. It is for the runtime.
func (d *Document) Take(spare []byte) []byte {
	d.ensure()
	source := d.body.buf
	d.body.reuse(spare)
	d.body = nil
	return source
}

// Renamed returns the fields that Set and SetRaw had to rename.
func (d *Document) Renamed() []Renaming {
	if d.body == nil {
		return nil
	}
	return d.body.renamed
}

// Release gives the document's buffer back for reuse. The runtime calls it
// when the document's bytes are copied; a source never does.
func (d *Document) Release() {
	if d.body != nil {
		d.body.release()
		d.body = nil
	}
}

func (d *Document) ensure() {
	if d.body == nil {
		d.body = newBody()
	}
}
