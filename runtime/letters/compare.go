package letters

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
)

// marks are the runtime's own fields of a document.
type marks struct {
	Fingerprint string `json:"_fingerprint"`
	Timestamp   string `json:"_timestamp"`
}

// owner is the first half of the fingerprint.
func (m marks) owner() string {
	owner, _, _ := strings.Cut(m.Fingerprint, ".")
	return owner
}

// newer reports whether a document says that it is newer than another.
func (m marks) newer(than marks) bool {
	a, err := time.Parse(time.RFC3339, m.Timestamp)
	b, err2 := time.Parse(time.RFC3339, than.Timestamp)
	return err == nil && err2 == nil && a.After(b)
}

// look decides how a letter is sent, by what the index holds of its document now.
// The outcome is [Delivered] when it is to be sent. What it changes in the letter
// are its class and reason, when the document belongs to somebody else.
func (r *replay) look(ctx context.Context, l *Letter) (action string, o Outcome, err error) {
	if l.Action == "update" {
		return "update", Delivered, nil // a part of a document, which must be there
	}
	stored, _, _, err := r.Client.Documents().Get(ctx, l.Index, l.ID)
	if isStatus(err, http.StatusNotFound) {
		return "create", Delivered, nil
	}
	if err != nil {
		return "", "", err
	}
	var there, letter marks
	_ = json.Unmarshal(stored, &there) // marks of another type are none
	_ = json.Unmarshal(l.Body, &letter)
	switch owner := there.owner(); {
	case owner != letter.owner() && (owner != "" || l.Action == "create"):
		l.Class, l.Reason = connector.ClassConflict, "the index holds a document with this id that belongs to another owner"
		return "", Refused, nil
	case owner != "" && (there.Fingerprint == letter.Fingerprint || there.newer(letter)):
		return "", Superseded, nil
	}
	return "index", Delivered, nil
}
