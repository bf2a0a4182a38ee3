// Package connector is the contract between Tributary and its sources.
//
// A source is a system that documents are read from. It implements [Source]
// and, where it can do more, the one-method interfaces below. Everything else
// (rules, diffing, deletes, content, bulk writing, retries, progress) is the
// runtime's work and the same for every source.
//
// The package depends on the standard library only.
package connector

import (
	"context"
	"encoding/json"
	"errors"
)

// Source is a system that documents can be read from. A source stays open
// between the syncs of its connector; what holds connections implements
// [io.Closer] as well.
type Source interface {
	// Ping makes one cheap request and reports whether the system answers
	// with the configured credentials. It changes nothing.
	Ping(ctx context.Context) error

	// GetDocs calls emit once for every document, in any order. emit is safe
	// for concurrent use, takes ownership of the document and blocks when the
	// index is slower than the source: for some minutes at most, then it
	// returns an error. A source whose server forgets an idle reader sooner
	// keeps it alive.
	//
	// GetDocs returns nil only when it has emitted all documents: what was
	// not emitted is deleted from the index. A document that exists but could
	// not be read is emitted with Err set. If emit returns an error, GetDocs
	// returns it. Retrying transient failures happens below GetDocs, in the
	// HTTP client or the driver.
	GetDocs(ctx context.Context, filter Filter, emit func(Document) error) error
}

// Filter narrows what a source reads. Its zero value reads everything.
type Filter struct {
	// AdvancedRules is the source's own rules as JSON, already valid by the
	// source's schema. Empty when there are none. Generated code decodes it.
	AdvancedRules json.RawMessage
}

// Cursor is a position in a source's history. It is opaque to the runtime and
// at most [MaxCursor] bytes of JSON.
type Cursor = json.RawMessage

// MaxCursor is the largest cursor in bytes that the runtime stores.
const MaxCursor = 32 << 10

// ErrPositionLost is returned by [Incremental] and [ChangeDetector] when the
// source can no longer tell what happened since a cursor (a purged log, an
// expired token). The runtime answers with a full sync and says why.
var ErrPositionLost = errors.New("the position in the source's history is lost")

// ErrGone is what the error of a [ConfigValidator] is (by errors.Is) when all is
// well but that what the configuration names is not there. Before the first sync
// that is a mistake of the configuration. After it, it may have been deleted:
// then a job goes on, GetDocs finds nothing of it, and the runtime's guard decides
// what may be deleted.
var ErrGone = errors.New("what the configuration names is not there")

// ErrNotWritten is what a new source's GetDocs returns until its author has
// written it. The conformance suite recognises it.
var ErrNotWritten = errors.New("GetDocs is not written yet")

// ChangeDetector is an optional interface of a [Source]: it tells cheaply
// whether anything changed since a full sync, so that a scheduled one can be
// skipped. Do not implement it by reading all documents or by trusting a
// clock that may run behind.
type ChangeDetector interface {
	// Position returns where the source stands now: see [Incremental], which
	// asks for the same method.
	Position(ctx context.Context) (Cursor, error)

	// Changed reports whether anything changed since the position of a
	// completed sync. True when in doubt is always right.
	Changed(ctx context.Context, since Cursor) (bool, error)
}

// Incremental is an optional interface of a [Source] that keeps a history of
// its changes, deletions included. Do not implement it where deletions can't
// be seen: a full sync sends nothing twice and finds them.
type Incremental interface {
	// Position returns where the history stands now. It is read before a full
	// sync and stored when that sync completed.
	Position(ctx context.Context) (Cursor, error)

	// Changes emits what happened since a cursor, in order, until it has
	// caught up, and returns the cursor of the next call. It returns
	// [ErrPositionLost] when the cursor is too old.
	Changes(ctx context.Context, since Cursor, filter Filter, emit func(Change) error) (Cursor, error)
}

// Change is one step of a source's history.
type Change struct {
	Document
	// Deleted says that the document with this ID is gone; nothing else of
	// the document is looked at.
	Deleted bool
	// Cursor, when set, is safe to resume from once this change is indexed.
	Cursor Cursor
}

// AccessController is an optional interface of a [Source] that knows who may
// read its documents. Do not implement it when Document.Access is never set.
type AccessController interface {
	// Identities emits every identity that may appear in [Document.Access].
	Identities(ctx context.Context, emit func(Document) error) error
}

// FieldTyper is an optional interface of a [Source] whose fields have types
// that Elasticsearch would guess wrongly from the first value. Types are
// decided per column, never per value.
type FieldTyper interface {
	// Fields returns the types of fields by name. The runtime adds them to
	// the index's mapping where it lacks them.
	Fields(ctx context.Context) (map[string]FieldType, error)
}

// FieldType is the name of an Elasticsearch field type, such as "keyword".
type FieldType string

// The field types that sources use.
const (
	Keyword FieldType = "keyword"
	// Text gets a keyword beside it, as Elasticsearch gives the texts that it
	// maps by itself.
	Text    FieldType = "text"
	Long    FieldType = "long"
	Double  FieldType = "double"
	Boolean FieldType = "boolean"
	Date    FieldType = "date"
	Binary  FieldType = "binary" // base64 that is kept and not indexed
)

// ConfigValidator is an optional interface of a [Source] with checks of its
// configuration that need the live system (a database exists, a privilege is
// granted). What a JSON Schema can say belongs in the declaration.
type ConfigValidator interface {
	// ValidateConfig returns every problem it finds, as [Problems] where it
	// can name the field.
	ValidateConfig(ctx context.Context) error
}

// BasicRulesValidators is an optional interface of a [Source] with checks of
// basic sync rules beside the default ones, which always run before them. Do
// not implement it for the shape of rules, regexes or duplicates: those are
// checked for every source.
type BasicRulesValidators interface {
	// BasicRulesValidators returns the checks in the order in which they run:
	// each is called with one rule after the other, set with the list of all.
	// They see rules of the right shape only, as they are stored:
	//
	//	{"id": …, "policy": …, "field": …, "rule": …, "value": …, "order": …}
	//
	// In a problem of set the pointer "/2" names the third rule of the list.
	BasicRulesValidators() (each, set []RulesValidator)
}

// AdvancedRulesValidators is an optional interface of a [Source] with checks
// of its advanced rules that need the live system (a table exists). What a
// JSON Schema can say belongs in the declaration.
type AdvancedRulesValidators interface {
	// AdvancedRulesValidators returns the checks in the order in which they
	// run. The generated schema check has passed before the first.
	AdvancedRulesValidators() []RulesValidator
}

// RulesValidator checks rules, given as JSON, and returns every problem that
// it finds. A problem that is a Warning does not make rules invalid.
type RulesValidator func(ctx context.Context, rules json.RawMessage) Problems

// BulkTuner is an optional interface of a [Source] that knows better than the
// service's settings how it is read and written, such as by a field of its
// configuration for concurrent downloads. Do not implement it to go faster in
// general: that is what the settings are for.
type BulkTuner interface {
	// TuneBulk returns the limits of the settings, changed where the source
	// knows better. Downloads is taken as it is; a batch can only be made
	// smaller, as its size bounds the memory. Values below 1 change nothing.
	TuneBulk(BulkLimits) BulkLimits
}

// BulkLimits is how much is under way at once in a sync.
type BulkLimits struct {
	Downloads int // attachments that are read at once
	BatchDocs int // documents in one bulk request
	BatchSize int // bytes of one bulk request
}
