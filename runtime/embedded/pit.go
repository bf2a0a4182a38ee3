package embedded

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	bleveindex "github.com/blevesearch/bleve_index_api"
)

// pit is a point in time: one snapshot of each of its indices.
type pit struct {
	parts   []*pitPart
	expires time.Time
	using   int // searches that run
	closed  bool
	node    *Node
}

// pitPart is the snapshot of one index. Scans see everything that was acknowledged, queries what was searchable then;
// after a refresh the two are the same.
type pitPart struct {
	ix     *index
	pos    position // what scans see
	reader bleveindex.IndexReader
	seen   int64 // what the reader sees
}

// maxKeepAlive is Elasticsearch's point_in_time.max_keep_alive.
const maxKeepAlive = 24 * time.Hour

// snapshots takes a snapshot of each index; closeParts gives them back.
func snapshots(list []*index) ([]*pitPart, error) {
	var parts []*pitPart
	for _, ix := range list {
		part := &pitPart{ix: ix}
		part.pos = ix.holdLatest()
		parts = append(parts, part)
		var err error
		if part.reader, part.seen, err = ix.searcher.hold(); err != nil {
			closeParts(parts)
			return nil, err
		}
	}
	return parts, nil
}

func closeParts(parts []*pitPart) {
	for _, p := range parts {
		p.ix.release(p.pos.seq)
		if p.reader != nil {
			_ = p.reader.Close()
			p.ix.release(p.seen)
		}
	}
}

// hold opens a reader and keeps the records it sees until it is closed and released. The reader is nil
// when the index has no Bleve index yet.
func (s *follower) hold() (bleveindex.IndexReader, int64, error) {
	if s.ix.position().seq >= 0 {
		if err := s.open(); err != nil {
			return nil, -1, err
		}
	}
	s.mu.Lock()
	e, low := s.engine, s.durable
	if e == nil {
		s.mu.Unlock()
		return nil, -1, nil
	}
	s.ix.hold(low) // under the lock, so that no sweep comes between
	s.mu.Unlock()
	defer s.ix.release(low)
	r, err := e.index.Reader()
	if err != nil {
		return nil, -1, err
	}
	seen, err := indexedSeq(r)
	if err != nil {
		return nil, -1, errors.Join(err, r.Close())
	}
	s.ix.hold(seen)
	return r, seen, nil
}

func openPIT(c *call) (reply, error) {
	if !c.query.Has("keep_alive") {
		return reply{}, fail(400, "action_request_validation_exception", "Validation Failed: 1: [keep_alive] is not specified;")
	}
	keep, err := parseTime(c.query.Get("keep_alive"), "keep_alive")
	if err != nil {
		return reply{}, err
	}
	if keep > maxKeepAlive {
		return reply{}, illegal("Keep alive for request (%s) is too large. It must be less than (1d). This limit can be set by changing the [search.max_keep_alive] cluster level setting.", c.query.Get("keep_alive"))
	}
	list, err := c.targets()
	if err != nil {
		return reply{}, err
	}
	parts, err := snapshots(list)
	if err != nil {
		return reply{}, err
	}
	p := &pit{parts: parts, expires: c.node.now().Add(keep), node: c.node}
	id := newUUID() + newUUID()
	c.node.mu.Lock()
	c.node.pits[id] = p
	c.node.mu.Unlock()
	return ok(map[string]any{"id": id, "_shards": shardsOf(len(list))})
}

func shardsOf(n int) map[string]any {
	return map[string]any{"total": n, "successful": n, "skipped": 0, "failed": 0}
}

func closePIT(c *call) (reply, error) {
	o, err := c.object()
	if err != nil {
		return reply{}, err
	}
	if o == nil {
		return reply{}, fail(400, "parse_exception", "request body is required")
	}
	id, _ := o["id"].(string)
	if id == "" {
		return reply{}, fail(400, "action_request_validation_exception", "Validation Failed: 1: no search context ids specified;")
	}
	if !validPIT(id) {
		return reply{}, badPIT()
	}
	c.node.mu.Lock()
	p := c.node.pits[id]
	delete(c.node.pits, id)
	if p != nil {
		p.closeLocked()
	}
	c.node.mu.Unlock()
	if p == nil {
		return reply{status: http.StatusNotFound, body: map[string]any{"succeeded": false, "num_freed": 0}}, nil
	}
	return ok(map[string]any{"succeeded": true, "num_freed": len(p.parts)})
}

// validPIT reports whether an id has the form that openPIT gives.
func validPIT(id string) bool { return len(id) == 44 }

func badPIT() error {
	return illegal("java.io.EOFException").causedBy(fail(400, "e_o_f_exception", ""))
}

// closeLocked gives the snapshots back once no search uses them. The caller holds the node's lock.
func (p *pit) closeLocked() {
	p.closed = true
	if p.using == 0 {
		closeParts(p.parts)
	}
}

// release ends one search's use.
func (p *pit) release() {
	p.node.mu.Lock()
	defer p.node.mu.Unlock()
	p.using--
	if p.closed && p.using == 0 {
		closeParts(p.parts)
	}
}

// pit finds an open point in time, prolongs it and marks it as used until release.
func (n *Node) pit(id, keepAlive string) (*pit, error) {
	if !validPIT(id) {
		return nil, badPIT()
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	p := n.pits[id]
	if p == nil {
		e := fail(http.StatusNotFound, "search_context_missing_exception", "No search context found for id [%s]", id)
		return nil, &apiError{
			status: e.status, typ: "search_phase_execution_exception", reason: "all shards failed", root: e, cause: e,
			extra: map[string]any{"phase": "query", "grouped": true},
		}
	}
	if keepAlive != "" {
		keep, err := parseTime(keepAlive, "keep_alive")
		if err != nil {
			return nil, err
		}
		if until := n.now().Add(min(keep, maxKeepAlive)); until.After(p.expires) {
			p.expires = until
		}
	}
	p.using++
	return p, nil
}

func (n *Node) expirePITs(now time.Time) {
	n.dropPITs(func(p *pit) bool { return now.After(p.expires) })
}

// dropPITs closes the points in time that doomed names.
func (n *Node) dropPITs(doomed func(*pit) bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for id, p := range n.pits {
		if doomed(p) {
			delete(n.pits, id)
			p.closeLocked()
		}
	}
}

// over reports whether the point in time includes an index.
func (p *pit) over(ix *index) bool {
	for _, part := range p.parts {
		if part.ix == ix {
			return true
		}
	}
	return false
}

// parseTime reads a time value such as 30s or 1m.
func parseTime(s, name string) (time.Duration, error) {
	units := []struct {
		suffix string
		unit   time.Duration
	}{{"nanos", 1}, {"micros", time.Microsecond}, {"ms", time.Millisecond}, {"s", time.Second}, {"m", time.Minute}, {"h", time.Hour}, {"d", 24 * time.Hour}}
	for _, u := range units {
		if number, found := strings.CutSuffix(s, u.suffix); found {
			n, err := strconv.ParseInt(number, 10, 32)
			if err != nil {
				break
			}
			return time.Duration(n) * u.unit, nil
		}
	}
	return 0, illegal("failed to parse setting [%s] with value [%s] as a time value: unit is missing or unrecognized", name, s)
}
