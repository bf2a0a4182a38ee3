// Package letters keeps the dead letters of syncs: documents that Elasticsearch
// rejected or whose content could not be read. They are kept in an index or,
// where that may not be written, in a file; they can be listed, shown, replayed
// and dropped, and go away when a later run brings the document in.
//
// A letter holds the document as it was to be sent, never a configuration.
package letters

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
)

// Letter is one document that failed, as it is kept.
type Letter struct {
	At time.Time `json:"@timestamp"` // when it failed last
	// Key is the letter's own id: one for each connector and document.
	Key string `json:"key"`
	// Connector is the id of the connector, or the owner of a sync without one.
	Connector string `json:"connector"`
	// Index and Pipeline are where the document was to go, and through what.
	Index    string          `json:"index"`
	Pipeline string          `json:"pipeline,omitempty"`
	ID       string          `json:"id"`
	Action   string          `json:"action"` // create, index, update or delete
	Class    connector.Class `json:"class"`
	Reason   string          `json:"reason"`
	// Attempts is in how many runs it failed.
	Attempts int    `json:"attempts"`
	Job      string `json:"job,omitempty"` // that failed last
	// Body is the document as it was to be sent, without what NeedsSource says.
	Body json.RawMessage `json:"body,omitempty"`
	// Attachment is the content that is not part of Body.
	Attachment *connector.AttachmentRef `json:"attachment,omitempty"`
	// NeedsSource says that Body is not all of the document: only a sync can bring
	// it in.
	NeedsSource bool `json:"needs_source"`

	seqNo, term int64 // of the version in the index, where it was read from it
}

// Key is the id of the letter of a document.
func Key(connectorID, id string) string {
	h := sha256.New()
	_, _ = h.Write([]byte(connectorID + "\x00" + id)) // never fails
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:18])
}

const (
	// maxBody is the largest document that a letter holds, in bytes.
	maxBody = 1 << 20
	// maxReason is the longest reason in bytes.
	maxReason = 1 << 10
)

// encode is the letter as one line of JSON. It takes out of the body what a
// letter does not hold.
func (l *Letter) encode() ([]byte, error) {
	l.trim()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(l); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte{'\n'}), nil
}

// trim takes contents out of the body: encoded files always, text where the body
// would be too large.
func (l *Letter) trim() {
	if len(l.Reason) > maxReason {
		l.Reason = string(bytes.ToValidUTF8([]byte(l.Reason[:maxReason]), nil)) + "…"
	}
	if !json.Valid(l.Body) { // one that the source encoded wrongly, or none
		l.NeedsSource = l.NeedsSource || len(l.Body) > 0
		l.Body = nil
		return
	}
	if bytes.Contains(l.Body, []byte(`"_attachment":`)) {
		l.takeOut("_attachment")
	}
	if len(l.Body) > maxBody {
		l.takeOut("body")
	}
	if len(l.Body) > maxBody {
		l.Body, l.NeedsSource = nil, true
	}
}

// takeOut takes a content out of the body and leaves its size.
func (l *Letter) takeOut(field string) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(l.Body, &fields) != nil || fields[field] == nil {
		return
	}
	if l.Attachment == nil {
		l.Attachment = &connector.AttachmentRef{Size: int64(len(fields[field]) - 2)}
	}
	delete(fields, field)
	l.Body, _ = json.Marshal(fields) // they were read from JSON
	l.NeedsSource = true
}
