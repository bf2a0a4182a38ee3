// Package job runs one sync job: it reads a source, compares it with what the
// index holds and writes the difference. [Sync] makes an index equal to a
// source, [Changes] applies what happened since.
//
// The package declares what it needs of Elasticsearch ([Index], [Sink]) and
// of content extraction ([Extractor]); runtime/elastic and runtime/extract
// satisfy it without being imported.
package job

import (
	"context"

	"github.com/tributary-search/tributary/runtime/connector"
)

// Index tells what is stored already.
type Index interface {
	// Exists reports whether the index is there.
	Exists(ctx context.Context) (bool, error)
	// Identity tells this index from one that is made in its place later; empty
	// when there is none.
	Identity(ctx context.Context) (string, error)
	// Prepare creates the index when it is absent, makes sure that it has the
	// field _fingerprint, and adds to its mapping the given fields (name to
	// Elasticsearch type) that it lacks. It reports whether it created it.
	Prepare(ctx context.Context, fields map[string]string) (created bool, err error)
	// Scan calls visit once for every document of a consistent snapshot. The
	// fingerprint is nil when the document has none. Both slices are valid
	// during the call only. A scan that could not see all documents is an
	// error.
	Scan(ctx context.Context, visit func(id, fingerprint []byte, seqNo, primaryTerm int64) error) error
	// Look calls visit for each of the ids in their order with what the index
	// holds at this moment, written a moment ago or not. The fingerprint is nil
	// when the document has none, and valid during the call only.
	Look(ctx context.Context, ids []string, visit func(i int, found bool, fingerprint []byte, seqNo, primaryTerm int64) error) error
	// Owned counts the documents of an owner; 0 when there is no index.
	Owned(ctx context.Context, owner string) (int64, error)
	// Unlisted returns ids of an owner's documents without access list, not
	// all if they are many; none when there is no index.
	Unlisted(ctx context.Context, owner string) ([]string, error)
}

// Sink makes documents durable. It is safe for concurrent use.
type Sink interface {
	// Put accepts one document and blocks while the sink is full; that block
	// is the only backpressure. The action is [Create], [Replace] or [Merge];
	// source is the document's JSON, copied before Put returns. A success
	// adds to the counter named by tally or, when that is empty, to
	// "created", "updated" or "noop" as Elasticsearch answers.
	Put(ctx context.Context, action, id string, source []byte, tally string) error
	// Delete accepts a deletion that takes place only if the document has not
	// changed since it was seen with these numbers. It adds to "deleted",
	// "not_found" or "conflict".
	Delete(ctx context.Context, id string, seqNo, primaryTerm int64) error
	// Flush returns when everything accepted was answered. An error means
	// that the sync must end; a rejected document is no error.
	Flush(ctx context.Context) error
	// Counts returns the sink's counters: "created", "updated", "noop",
	// "deleted", "not_found", "conflict", "failed" and the tallies.
	Counts() map[string]int64
}

// Taker is a [Sink] that takes the memory of a document over instead of copying
// it. The road gives it the documents that are large.
type Taker interface {
	// Take is Put, but that source, up to its capacity, is the sink's from the
	// call on.
	Take(ctx context.Context, action, id string, source []byte, tally string) error
}

// The actions of [Sink.Put].
const (
	Create  = "create" // fails when the document exists
	Replace = "index"  // writes the whole document
	Merge   = "update" // adds the given fields to a document that exists
)

// Rules decide which documents are kept.
type Rules interface {
	// Decide reports whether a document is kept, and the id of the rule that
	// says so. The fields are encoded, without the braces around them.
	Decide(id string, fields []byte) (keep bool, rule string)
}

// Extractor turns an attachment into a field of its document.
type Extractor interface {
	// Extract appends the content to dst. The field is the one it belongs to,
	// or empty when no text can be had of it.
	Extract(ctx context.Context, a *connector.Attachment, dst []byte) (field string, content []byte, err error)
}

// Letters keeps documents that failed, for people to see and to send again. Its
// methods are called from many goroutines.
type Letters interface {
	// Keep takes a document whose content could not be read. What Elasticsearch
	// rejects is the sink's to report.
	Keep(r connector.Rejection)
	// Unread notes a document that failed in another way; what is kept of it stays.
	Unread(id string)
	// Came notes the ids of a window of changes that was carried out, those
	// included that failed in it.
	Came(ids []string)
}
