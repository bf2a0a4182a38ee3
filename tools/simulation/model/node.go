// Package model is an Elasticsearch of a few hundred lines that answers what the runtime asks and nothing else. It has one shard, no
// disk and no clock but the one it is given, so that whole histories of it can be played in a simulation. What the client reads of an
// answer is what a real server answers: a test compares the two, request by request.
package model

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Node is the whole cluster. It is safe for concurrent use.
type Node struct {
	// Now is the clock.
	Now func() time.Time
	// Wrote, when set, is told of each write that took effect, in their order. It must not call the node.
	Wrote func(Write)
	// Strange, when set, is told of a request that the model does not know.
	Strange func(Request)

	mu        sync.Mutex
	indices   map[string]*index
	pits      map[string]*pit
	pipelines map[string]json.RawMessage
	term      int64
	serial    int
}

// Request is one request.
type Request struct {
	Method, Path string
	Query        url.Values
	Body         []byte
	// From is who sent it; it is passed on to Wrote.
	From any
	// Trouble is what goes wrong while it is carried out.
	Trouble Trouble
}

// Trouble is what goes wrong inside the node.
type Trouble struct {
	// Item returns the status that an item of a bulk request is refused with; 0 lets it pass. Nil lets all pass.
	Item func(id string) int
	// Shard makes a shard of each search fail; Slow makes the search time out.
	Shard, Slow bool
}

// answer is an answer before it is encoded as JSON.
type answer struct {
	Status int
	Body   any
}

// Write is a write that took effect.
type Write struct {
	At                time.Time
	From              any
	Index, ID         string
	Action, Result    string // create, index, update, delete; created, updated, deleted
	Before, After     json.RawMessage
	SeqNo, LastSeqNo  int64 // of the document now, and before
	WasThere, IsThere bool
}

// DeleteIndex is the action of a [Write] that took the whole index away.
const DeleteIndex = "delete index"

// New makes an empty cluster.
func New() *Node {
	return &Node{
		Now: time.Now, indices: map[string]*index{}, pits: map[string]*pit{}, pipelines: map[string]json.RawMessage{}, term: 1,
	}
}

// Restart forgets what a node keeps in memory: snapshots. Primaries get a new term.
func (n *Node) Restart() {
	n.mu.Lock()
	defer n.mu.Unlock()
	clear(n.pits)
	n.term++
}

// LosePITs forgets the snapshots alone.
func (n *Node) LosePITs() {
	n.mu.Lock()
	defer n.mu.Unlock()
	clear(n.pits)
}

// SetPipeline makes an ingest pipeline. Documents that have the field "drop" are dropped by it.
func (n *Node) SetPipeline(name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.pipelines[name] = json.RawMessage(`{"processors":[{"drop":{"if":"ctx.drop != null"}}]}`)
}

// Documents returns the sources of an index by id, as a read sees them; nil without the index.
func (n *Node) Documents(name string) map[string]json.RawMessage {
	n.mu.Lock()
	defer n.mu.Unlock()
	x := n.find(name)
	if x == nil {
		return nil
	}
	all := make(map[string]json.RawMessage, len(x.docs))
	for id, d := range x.docs {
		all[id] = d.source
	}
	return all
}

// Document returns the source of one document as a read sees it; nil when it is not there.
func (n *Node) Document(name, id string) json.RawMessage {
	n.mu.Lock()
	defer n.mu.Unlock()
	if x := n.find(name); x != nil && x.docs[id] != nil {
		return x.docs[id].source
	}
	return nil
}

// Serve carries out a request and returns the answer's status and JSON.
func (n *Node) Serve(r Request) (status int, body []byte) {
	n.mu.Lock()
	defer n.mu.Unlock()
	parts := strings.Split(strings.Trim(r.Path, "/"), "/")
	a, known := n.route(r, parts)
	if !known {
		if n.Strange != nil {
			n.Strange(r)
		}
		a = refuse(http.StatusBadRequest, "illegal_argument_exception", "no handler found for uri ["+r.Path+"] and method ["+r.Method+"]")
	}
	if filter := r.Query.Get("filter_path"); filter != "" && a.Status < 300 {
		a.Body = filterPath(a.Body, filter)
	}
	body, err := json.Marshal(a.Body)
	if err != nil {
		return http.StatusInternalServerError, []byte(err.Error())
	}
	return a.Status, body
}

func (n *Node) route(r Request, parts []string) (answer, bool) {
	switch parts[0] {
	case "":
		return answer{200, map[string]any{"version": map[string]any{"number": "8.19.0", "build_flavor": "default"}}}, true
	case "_search":
		return n.searchPIT(r), true
	case "_pit":
		return n.closePIT(r), true
	case "_connector":
		return refuse(http.StatusBadRequest, "illegal_argument_exception", "no handler found"), true
	case "_license":
		return answer{200, map[string]any{"license": map[string]any{"status": "active", "type": "trial"}}}, true
	case "_ingest":
		return n.pipeline(parts[len(parts)-1]), true
	}
	if len(parts) == 1 {
		return n.admin(r, parts[0])
	}
	if len(parts) == 3 && (parts[1] == "_doc" || parts[1] == "_create") {
		return n.single(r, parts[0], parts[1], parts[2])
	}
	return n.endpoint(r, parts[0], parts[1])
}

func (n *Node) endpoint(r Request, name, what string) (answer, bool) {
	if what == "_bulk" {
		return n.bulk(r, name), true
	}
	x := n.find(name)
	if x == nil {
		return noIndex(name), true
	}
	switch what {
	case "_mapping":
		return x.putMapping(r.Body), true
	case "_refresh":
		x.refresh(n.Now())
		return answer{200, map[string]any{"_shards": shards(r.Trouble)}}, true
	case "_pit":
		return n.openPIT(r, x), true
	case "_count":
		return n.count(r, x), true
	case "_search":
		return n.search(r, x), true
	case "_mget":
		return x.mget(r), true
	}
	return answer{}, false
}

func (n *Node) pipeline(name string) answer {
	p, there := n.pipelines[name]
	if !there {
		return answer{404, map[string]any{}}
	}
	return answer{200, map[string]any{name: p}}
}

// find returns the index of a name or an alias.
func (n *Node) find(name string) *index {
	if x := n.indices[name]; x != nil {
		return x
	}
	for _, x := range n.indices {
		if _, there := x.aliases[name]; there {
			return x
		}
	}
	return nil
}

func refuse(status int, kind, reason string) answer {
	cause := map[string]any{"type": kind, "reason": reason}
	return answer{status, map[string]any{
		"error":  map[string]any{"type": kind, "reason": reason, "root_cause": []any{cause}},
		"status": status,
	}}
}

func noIndex(name string) answer {
	return refuse(http.StatusNotFound, "index_not_found_exception", fmt.Sprintf("no such index [%s]", name))
}

func shards(t Trouble) map[string]any {
	if t.Shard {
		return map[string]any{"total": 1, "successful": 0, "skipped": 0, "failed": 1}
	}
	return map[string]any{"total": 1, "successful": 1, "skipped": 0, "failed": 0}
}
