package letters

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
)

// deliveryTries is how often a letter is tried whose document others write in the
// same moment, or which the server does not take now; between takes there is a
// pause then, twice as long each time.
const (
	deliveryTries = 6
	deliveryPause = 250 * time.Millisecond
)

// delivery is a letter on its way.
type delivery struct {
	*Letter
	outcome *Outcome
	looked  bool  // an earlier try has looked
	there   marks // what it saw then
}

// deliver sends letters of one index through one pipeline. Each is sent for what
// the index holds of its document at a look, and written only if that is so
// still; else it is looked at again.
func (r *replay) deliver(ctx context.Context, index, pipeline string, open []*delivery) error {
	for try := 1; ; try++ {
		var send []elastic.Delivery
		var sent []*delivery
		for _, d := range open {
			at, o, err := r.look(ctx, index, d)
			if err != nil {
				return err
			}
			if *d.outcome = o; o == "" {
				send, sent = append(send, at), append(sent, d)
			}
		}
		if len(send) == 0 {
			return nil
		}
		fates, err := r.Client.Index(index).Deliver(ctx, pipeline, send)
		if err != nil {
			return err
		}
		if open, err = tellFates(sent, fates); len(open) == 0 {
			return nil
		}
		if try == deliveryTries {
			return giveUp(open, err)
		}
		if err != nil {
			if err := pause(ctx, deliveryPause<<try); err != nil {
				return err
			}
		}
	}
}

var errPostponed = errors.New("Elasticsearch takes no documents now")

// tellFates sets the outcomes that are known and returns what is open; with an
// error when the server wants time.
func tellFates(sent []*delivery, fates []elastic.Delivered) (open []*delivery, err error) {
	for i, d := range sent {
		switch f := fates[i]; f.Fate {
		case elastic.Taken:
			*d.outcome = Delivered
		case elastic.Refused:
			*d.outcome, d.Class, d.Reason = Refused, f.Class, f.Reason
		case elastic.Postponed:
			err = fmt.Errorf("%w: %s", errPostponed, f.Reason)
			open = append(open, d)
		default:
			open = append(open, d)
		}
	}
	return open, err
}

func giveUp(open []*delivery, err error) error {
	if err != nil {
		return err
	}
	for _, d := range open {
		*d.outcome, d.Class, d.Reason = Refused, connector.ClassConflict, "somebody else keeps changing the document in the index"
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}

// look decides how a letter is sent, by what the index holds of its document now;
// with an outcome it is not sent. What it changes in the letter are its class and
// reason, when it can't be delivered.
func (r *replay) look(ctx context.Context, index string, d *delivery) (elastic.Delivery, Outcome, error) {
	at := elastic.Delivery{Action: "index", ID: d.ID, Source: d.Body}
	stored, seqNo, term, err := r.Client.Documents().Get(ctx, index, d.ID)
	switch {
	case isStatus(err, http.StatusNotFound) && d.Action == "update":
		d.Class, d.Reason = connector.ClassMissing, "the index does not hold the document that this is a part of"
		return at, Refused, nil
	case isStatus(err, http.StatusNotFound):
		at.Action, d.looked, d.there = "create", true, marks{}
		return at, "", nil
	case err != nil:
		return at, "", err
	case d.Action == "update":
		at.Action = "update"
	}
	at.SeqNo, at.PrimaryTerm = seqNo, term
	return at, d.judge(stored), nil
}

// judge compares a letter with the document that the index holds.
func (d *delivery) judge(stored []byte) Outcome {
	var there, letter marks
	_ = json.Unmarshal(stored, &there) // marks of another type are none
	_ = json.Unmarshal(d.Body, &letter)
	before, again := d.there, d.looked
	d.there, d.looked = there, true
	switch owner := there.owner(); {
	case owner != letter.owner() && (owner != "" || d.Action == "create"):
		d.Class, d.Reason = connector.ClassConflict, "the index holds a document with this id that belongs to another owner"
		return Refused
	case owner == "":
		return ""
	case there.equal(letter) && again:
		return Delivered // by an attempt whose answer was lost, or by a sync just now
	case there.equal(letter), there.newer(letter), again && there.Fingerprint != before.Fingerprint:
		return Superseded // in the last case a sync has written it since
	}
	return ""
}

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

// equal reports whether two documents are the same; those whose fingerprint has
// no hash are unlike all others.
func (m marks) equal(to marks) bool {
	return m.Fingerprint == to.Fingerprint && !strings.HasSuffix(m.Fingerprint, ".")
}

// newer reports whether a document says that it is newer than another.
func (m marks) newer(than marks) bool {
	a, err := time.Parse(time.RFC3339, m.Timestamp)
	b, err2 := time.Parse(time.RFC3339, than.Timestamp)
	return err == nil && err2 == nil && a.After(b)
}
