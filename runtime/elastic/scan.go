package elastic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

const (
	// scanHits is how many documents a page has at most, scanBytes how many
	// bytes an answer may have before pages get smaller.
	scanHits  = 10_000
	scanBytes = 8 << 20
	leastHits = 100
	keepAlive = "5m"

	scanFilter = "filter_path=pit_id,timed_out,_shards.failed,hits.hits._id,hits.hits._seq_no," +
		"hits.hits._primary_term,hits.hits.fields,hits.hits._source,hits.hits.sort"
)

// maxOpened is how often a snapshot is opened that is lost at once.
const maxOpened = 3

// ErrSnapshotLost says that Elasticsearch forgot what it was being asked about,
// as it does when it is started again.
var ErrSnapshotLost = errors.New("the snapshot is lost; run the sync again")

// Scan refreshes the index and calls visit once for every document of a
// snapshot, in no useful order. The fingerprint is nil when the document has
// none. Both slices are valid during the call only. An error of visit ends the
// scan and is returned; a failed shard, a timeout and a lost snapshot are
// errors too, since documents would be missing.
func (x *Index) Scan(ctx context.Context, visit func(id, fingerprint []byte, seqNo, primaryTerm int64) error) error {
	t, err := x.client.resolve(ctx, x.name, mappingFilter)
	if err == nil && t == nil {
		err = fmt.Errorf("it does not exist")
	}
	if err == nil && x.moved(t) {
		err = errMoved
	}
	if err != nil {
		return fmt.Errorf("scan of index %s: %w", x.name, err)
	}
	x.uuid.Store(&t.uuid)
	if err := x.Refresh(ctx); err != nil {
		return fmt.Errorf("refresh of index %s: %w", x.name, err)
	}
	s := &scan{client: x.client, index: t.index, size: scanHits, prints: t.prints()}
	if err := s.open(ctx); err != nil {
		return err
	}
	defer s.close(ctx)
	for more := true; more; {
		if more, err = s.next(ctx, visit); err != nil {
			return err
		}
	}
	return nil
}

// moved reports whether an index is another one than was scanned before.
func (x *Index) moved(t *target) bool {
	before := x.uuid.Load()
	return before != nil && *before != t.uuid
}

// scan is one pass over a snapshot.
type scan struct {
	client *Client
	index  string
	prints bool // fingerprints are in doc values
	size   int
	pit    string
	opened int    // how often
	after  []byte // sort values of the last hit
	body   []byte
	answer []byte
	page   page
}

func (s *scan) open(ctx context.Context) error {
	a, err := s.client.call(ctx, request{
		method: http.MethodPost, path: "/" + s.index + "/_pit", query: "keep_alive=" + keepAlive,
	})
	if err != nil {
		return fmt.Errorf("open a snapshot of index %s: %w", s.index, err)
	}
	var body struct {
		ID     string
		Shards struct{ Failed int } `json:"_shards"`
	}
	if err := json.Unmarshal(a.body, &body); err != nil || body.ID == "" {
		return fmt.Errorf("open a snapshot of index %s: %w", s.index, errPage)
	}
	s.opened++
	s.pit = body.ID
	if body.Shards.Failed > 0 {
		s.close(ctx)
		return fmt.Errorf("open a snapshot of index %s: %d shards failed", s.index, body.Shards.Failed)
	}
	return nil
}

// close gives the snapshot back, also after a cancel. The server would forget
// it after keepAlive, so an error does no harm.
func (s *scan) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	body, _ := json.Marshal(map[string]string{"id": s.pit})
	if _, err := s.client.try(ctx, request{method: http.MethodDelete, path: "/_pit", body: body}); err != nil {
		s.client.log.Debug("snapshot not closed", "index", s.index, "error", err)
	}
}

// next reads and visits one page and reports whether there may be more.
func (s *scan) next(ctx context.Context, visit func(id, fingerprint []byte, seqNo, primaryTerm int64) error) (bool, error) {
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	r := request{method: http.MethodPost, path: "/_search", query: scanFilter, body: s.request(), room: s.answer}
	a, err := s.client.call(ctx, r)
	switch {
	case isStatus(err, http.StatusBadRequest) && s.size > leastHits:
		s.size /= 10 // the index has a smaller max_result_window
		return true, nil
	case isStatus(err, http.StatusNotFound) && s.after == nil && s.opened < maxOpened:
		return true, s.open(ctx) // nothing was visited yet
	case isStatus(err, http.StatusNotFound):
		return false, fmt.Errorf("scan of index %s: %w: %w", s.index, ErrSnapshotLost, err)
	case err != nil:
		return false, fmt.Errorf("scan of index %s: %w", s.index, err)
	}
	s.answer = a.body
	if err := s.page.parse(a.body); err != nil {
		return false, fmt.Errorf("scan of index %s: %w", s.index, err)
	}
	switch {
	case s.page.timedOut:
		return false, fmt.Errorf("scan of index %s: the search timed out; run the sync again", s.index)
	case s.page.failed > 0:
		return false, fmt.Errorf("scan of index %s: %d shards failed; see the health of the index and run the sync again", s.index, s.page.failed)
	case len(s.page.hits) == 0:
		return false, nil
	}
	if len(s.page.pit) > 0 {
		s.pit = string(s.page.pit)
	}
	s.after = append(s.after[:0], s.page.sort...)
	if len(a.body) > scanBytes {
		s.size = max(leastHits, s.size*scanBytes/len(a.body))
	}
	return true, s.page.visit(visit)
}

// request is the body of a search. Sorting by _doc first lets the server skip
// what earlier pages had.
func (s *scan) request() []byte {
	b := append(s.body[:0], `{"size":`...)
	b = strconv.AppendInt(b, int64(s.size), 10)
	b = append(b, `,"track_total_hits":false,"seq_no_primary_term":true,"sort":["_doc","_shard_doc"],`...)
	if s.prints {
		b = append(b, `"_source":false,"docvalue_fields":["`+fingerprintField+`"],`...)
	} else {
		b = append(b, `"_source":["`+fingerprintField+`"],`...)
	}
	b = append(b, `"pit":{"id":`...)
	b = strconv.AppendQuote(b, s.pit)
	b = append(b, `,"keep_alive":"`+keepAlive+`"}`...)
	if len(s.after) > 0 {
		b = append(b, `,"search_after":`...)
		b = append(b, s.after...)
	}
	s.body = append(b, '}')
	return s.body
}
