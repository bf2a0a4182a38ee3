package embedded

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	bleveindex "github.com/blevesearch/bleve_index_api"
)

// pit is a point in time: one snapshot of each of its indices.
type pit struct {
	parts   []pitPart
	expires time.Time
}

// pitPart is one index within a point in time.
type pitPart struct {
	ix     *index
	pos    position // what scans see
	reader bleveindex.IndexReader
	seen   int64 // what the reader sees
}

// maxKeepAlive is Elasticsearch's point_in_time.max_keep_alive.
const maxKeepAlive = 24 * time.Hour

func openPIT(c *call) (reply, error) {
	if !c.query.Has("keep_alive") {
		return reply{}, fail(400, "action_request_validation_exception", "Validation Failed: 1: [keep_alive] is not specified;")
	}
	keep, err := parseTime(c.query.Get("keep_alive"), "keep_alive")
	if err != nil {
		return reply{}, err
	}
	list, err := c.targets()
	if err != nil {
		return reply{}, err
	}
	p := &pit{expires: c.node.now().Add(keep)}
	for _, ix := range list {
		part := pitPart{ix: ix, pos: ix.holdLatest()}
		p.parts = append(p.parts, part)
	}
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
	id, _ := o["id"].(string)
	if id == "" {
		return reply{}, illegal("[id] is required")
	}
	c.node.mu.Lock()
	p := c.node.pits[id]
	delete(c.node.pits, id)
	c.node.mu.Unlock()
	if p == nil {
		return reply{status: http.StatusNotFound, body: map[string]any{"succeeded": true, "num_freed": 0}}, nil
	}
	p.close()
	return ok(map[string]any{"succeeded": true, "num_freed": len(p.parts)})
}

func (p *pit) close() {
	for _, part := range p.parts {
		part.ix.release(part.pos.seq)
	}
}

// pit finds an open point in time and prolongs it.
func (n *Node) pit(id, keepAlive string) (*pit, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	p := n.pits[id]
	if p == nil {
		e := fail(http.StatusNotFound, "search_context_missing_exception", "No search context found for id [%s]", id)
		return nil, e
	}
	if keepAlive != "" {
		keep, err := parseTime(keepAlive, "keep_alive")
		if err != nil {
			return nil, err
		}
		if until := n.now().Add(keep); until.After(p.expires) {
			p.expires = until
		}
	}
	return p, nil
}

func (n *Node) expirePITs(now time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for id, p := range n.pits {
		if now.After(p.expires) {
			delete(n.pits, id)
			p.close()
		}
	}
}

func (n *Node) closePITs() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for id, p := range n.pits {
		delete(n.pits, id)
		p.close()
	}
}

// dropPITs closes the points in time of a deleted index.
func (n *Node) dropPITs(ix *index) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for id, p := range n.pits {
		for _, part := range p.parts {
			if part.ix == ix {
				delete(n.pits, id)
				p.close()
				break
			}
		}
	}
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
