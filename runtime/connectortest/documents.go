package connectortest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
)

// checkIDs reads twice, from two sources.
func checkIDs(t *testing.T, s *suite) {
	first := s.ids(t)
	second := s.ids(t)
	for id := range first {
		if !second[id] {
			t.Errorf("document %q%s was there in one run and not in the next: ids must be the same in every sync, else it is deleted and made again; make them from the item's own key", id, s.place)
			return
		}
	}
}

func (s *suite) ids(t *testing.T) map[string]bool {
	t.Helper()
	source, _ := s.open(t, s.base)
	ids := map[string]bool{}
	for _, d := range s.mustRead(t, source) {
		switch {
		case d.id == "":
			t.Fatalf("a document%s has no id: it could not be stored; give NewDocument the item's key", s.place)
		case ids[d.id]:
			t.Fatalf("two documents%s have the id %q: one would overwrite the other; make ids from a key that is unique in the source", s.place, d.id)
		}
		ids[d.id] = true
	}
	return ids
}

// checkFields looks at every document's encoded fields.
func checkFields(t *testing.T, s *suite) {
	source, _ := s.open(t, s.base)
	for _, d := range s.mustRead(t, source) {
		if err := checkObject([]byte("{" + d.fields + "}")); err != nil {
			t.Errorf("document %q%s: %v", d.id, s.place, err)
			return
		}
		for _, r := range d.renamed {
			t.Logf("document %q%s: the field %q is reserved and is stored as %q", d.id, s.place, r.From, r.To)
		}
	}
}

// checkObject reports what would make Elasticsearch refuse a document.
func checkObject(raw []byte) error {
	if !json.Valid(raw) {
		return errors.New("its fields are no valid JSON: SetRaw does not check its value; give it one complete JSON value, or use Set")
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	return scanValue(dec, 0)
}

// scanValue reads one value, whose keys must differ at every level.
func scanValue(dec *json.Decoder, depth int) error {
	token, err := dec.Token()
	if err != nil {
		return err
	}
	switch token {
	case json.Delim('['):
		for dec.More() {
			if err := scanValue(dec, depth+1); err != nil {
				return err
			}
		}
		_, err = dec.Token()
	case json.Delim('{'):
		err = scanObject(dec, depth)
	}
	return err
}

func scanObject(dec *json.Decoder, depth int) error {
	var seen []string
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return err
		}
		key, _ := token.(string)
		switch {
		case slices.Contains(seen, key):
			return errors.New("the field " + key + " stands in it twice: Elasticsearch refuses that; set each field once")
		case depth == 0 && connector.ReservedField(key):
			return errors.New("the field " + key + " is reserved for the runtime: a value given to SetRaw broke out of its field; give it one complete JSON value")
		}
		seen = append(seen, key)
		if err := scanValue(dec, depth+1); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

// checkStable compares the documents of two runs.
func checkStable(t *testing.T, s *suite) {
	source, _ := s.open(t, s.base)
	first := map[string]document{}
	for _, d := range s.mustRead(t, source) {
		if _, twice := first[d.id]; twice {
			return // the check "ids" says so
		}
		first[d.id] = d
	}
	other, _ := s.open(t, s.base)
	for _, b := range s.mustRead(t, other) {
		a, there := first[b.id]
		if !there {
			continue // the check "ids" says so
		}
		if what := differs(a, b); what != "" {
			t.Errorf("document %q%s has other %s in the second run although nothing changed: it would be sent again in every sync; leave out what the reading itself changes, and emit fields in one order", b.id, s.place, what)
			return
		}
	}
}

// differs names the first part in which two documents differ.
func differs(a, b document) string {
	switch {
	case a.fields != b.fields:
		return "fields"
	case !a.updated.Equal(b.updated):
		return "UpdatedAt"
	case !slices.Equal(a.access, b.access):
		return "Access"
	case (a.attachment == nil) != (b.attachment == nil):
		return "attachment"
	case a.attachment == nil:
		return ""
	}
	x, y := a.attachment, b.attachment
	if x.Size != y.Size || x.ETag != y.ETag || !x.ModTime.Equal(y.ModTime) || x.Name != y.Name || x.MediaType != y.MediaType {
		return "attachment"
	}
	return ""
}

// attachmentsRead is how many attachments are read.
const attachmentsRead = 20

// checkAttachments reads the first attachments to their end.
func checkAttachments(t *testing.T, s *suite) {
	source, _ := s.open(t, s.base)
	count := 0
	for _, d := range s.mustRead(t, source) {
		if d.attachment == nil || count == attachmentsRead {
			continue
		}
		count++
		if d.attachment.Open == nil {
			t.Fatalf("the attachment of document %q%s has no Open: set it, or leave Attachment nil", d.id, s.place)
		}
		content, err := d.attachment.Open(t.Context())
		if err != nil {
			t.Fatalf("the attachment of document %q%s could not be opened after GetDocs: %v; it stays readable while the source is open", d.id, s.place, err)
		}
		size, err := io.Copy(io.Discard, content)
		if err := errors.Join(err, content.Close()); err != nil {
			t.Fatalf("the attachment of document %q%s could not be read: %v", d.id, s.place, err)
		}
		if d.attachment.Size >= 0 && d.attachment.Size != size {
			t.Errorf("the attachment of document %q%s has %d bytes, its Size says %d: set the size of what Open reads, or -1", d.id, s.place, size, d.attachment.Size)
		}
	}
}

// checkTwice reads twice from one open source.
func checkTwice(t *testing.T, s *suite) {
	source, _ := s.open(t, s.base)
	for _, run := range []string{"first", "second"} {
		if docs := s.mustRead(t, source); len(docs) != few {
			t.Errorf("the %s GetDocs%s of one open source emitted %d of %d documents: a source stays open between syncs; keep what belongs to a run in local variables", run, s.place, len(docs), few)
		}
	}
}

// checkStoredReads reads with the configuration as Kibana stores it.
func checkStoredReads(t *testing.T, s *suite) {
	source, err := s.kind.Open(t.Context(), s.stored(s.base), newLent(t).deps())
	if err != nil {
		t.Fatalf("Open failed with the fixture's configuration as Kibana stores it: %v; decode it with the generated DecodeConfig", err)
	}
	t.Cleanup(func() { _ = shut(source) })
	if docs := s.mustRead(t, source); len(docs) != few {
		t.Errorf("with the configuration as Kibana stores it GetDocs%s emitted %d of %d documents: both forms decode alike", s.place, len(docs), few)
	}
}

// checkUntouched keeps what was emitted, and looks whether the source goes on
// writing to it.
func checkUntouched(t *testing.T, s *suite) {
	source, _ := s.open(t, s.base)
	type kept struct {
		connector.Document
		fields, readers string
		size            int64
	}
	look := func(d connector.Document) kept {
		k := kept{Document: d, fields: string(d.Fields()), readers: fmt.Sprintf("%q", d.Access)}
		if d.Attachment != nil {
			k.size = d.Attachment.Size
		}
		return k
	}
	var mu sync.Mutex
	var all []kept
	_ = s.getDocs(t, t.Context(), source, connector.Filter{}, func(d connector.Document) error { // its error is another check's
		mu.Lock()
		defer mu.Unlock()
		all = append(all, look(d))
		return nil
	})
	for _, before := range all {
		if now := look(before.Document); now.fields != before.fields || now.readers != before.readers || now.size != before.size {
			t.Errorf("document %q%s was changed after emit: emit takes it over, and its bytes may be another document's by then; set everything before emit, and make a new document for each item", before.ID, s.place)
			return
		}
	}
}

// checkSlowIndex holds up many an emit a little, as a slow index does.
func checkSlowIndex(t *testing.T, s *suite) {
	source, _ := s.open(t, s.base)
	collected := make(chan string, few*2)
	err := s.getDocs(t, t.Context(), source, connector.Filter{}, func(d connector.Document) error {
		if len(collected)%4 == 0 {
			time.Sleep(time.Millisecond)
		}
		collected <- take(d).id
		return nil
	})
	if err != nil || len(collected) != few {
		t.Errorf("with a slow index GetDocs%s emitted %d of %d documents (error: %v): emit blocks while the index is busy; no deadline of the source's own may run meanwhile", s.place, len(collected), few, err)
	}
}
