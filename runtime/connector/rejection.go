package connector

import "time"

// Rejection is a document that failed by itself: the index did not take it, or
// its content could not be read. The run goes on without it; what the index held
// of it before stays.
type Rejection struct {
	// ID is the document's _id.
	ID string
	// Action is the bulk action that failed: create, index, update or delete.
	Action string
	Class  Class
	// Reason is one line for people. It quotes no values of fields.
	Reason string
	// Source is the document's JSON as it was or would have been sent. It is valid
	// during the call only, and empty for a deletion.
	Source []byte
	// Attachment is the content that could not be read; nil when the fault lies
	// elsewhere.
	Attachment *AttachmentRef
}

// AttachmentRef names a version of a content without the content.
type AttachmentRef struct {
	Name      string    `json:"name,omitempty"`
	MediaType string    `json:"media_type,omitempty"`
	Size      int64     `json:"size"` // bytes, or -1 when the source can't tell
	ModTime   time.Time `json:"mod_time,omitzero"`
	ETag      string    `json:"etag,omitempty"`
}

// Ref names the content without opening it.
func (a *Attachment) Ref() *AttachmentRef {
	return &AttachmentRef{Name: a.Name, MediaType: a.MediaType, Size: a.Size, ModTime: a.ModTime, ETag: a.ETag}
}

// Class is the kind of reason why a document failed.
type Class string

// The classes of rejections.
const (
	// ClassMapping is a document whose fields do not fit the mapping of the index.
	ClassMapping Class = "mapping"
	// ClassFields is a document whose fields are more than the index may have.
	ClassFields Class = "fields"
	// ClassLimit is a document beyond another limit of the index: depth, nested
	// documents, the length of a name or of a term.
	ClassLimit Class = "limit"
	// ClassTooLarge is a document that is larger than the server takes.
	ClassTooLarge Class = "too_large"
	// ClassConflict is a document that another writer made or changed meanwhile.
	ClassConflict Class = "conflict"
	// ClassMissing is a document that was to be changed and is gone.
	ClassMissing Class = "missing"
	// ClassPipeline is a document that an ingest pipeline failed on.
	ClassPipeline Class = "pipeline"
	// ClassContent is a document whose content could not be read.
	ClassContent Class = "content"
	// ClassRefused is every other refusal by Elasticsearch.
	ClassRefused Class = "refused"
)
