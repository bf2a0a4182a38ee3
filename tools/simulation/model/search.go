package model

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// pit is a snapshot of one index.
type pit struct {
	index *index
	docs  []*doc
}

func (n *Node) openPIT(r Request, x *index) answer {
	n.serial++
	id := fmt.Sprintf("pit-%d-%s", n.serial, x.uuid)
	n.pits[id] = &pit{index: x, docs: n.visible(x)}
	return answer{200, map[string]any{"id": id, "_shards": shards(r.Trouble)}}
}

func (n *Node) closePIT(r Request) answer {
	var body struct{ ID string }
	_ = json.Unmarshal(r.Body, &body) // an unknown one is not found
	if n.pits[body.ID] == nil {
		return answer{404, map[string]any{"succeeded": true, "num_freed": 0}}
	}
	delete(n.pits, body.ID)
	return answer{200, map[string]any{"succeeded": true, "num_freed": 1}}
}

// search is the body of a search.
type search struct {
	Query   map[string]any    `json:"query"`
	Size    *int              `json:"size"`
	Sort    []json.RawMessage `json:"sort"`
	After   []any             `json:"search_after"`
	Source  json.RawMessage   `json:"_source"`
	Fields  []string          `json:"docvalue_fields"`
	Version bool              `json:"seq_no_primary_term"`
	PIT     struct{ ID string }
}

func (n *Node) searchPIT(r Request) answer {
	var s search
	if err := json.Unmarshal(r.Body, &s); err != nil {
		return refuse(400, "parsing_exception", err.Error())
	}
	p := n.pits[s.PIT.ID]
	if p == nil || n.indices[p.index.name] != p.index {
		return refuse(404, "search_context_missing_exception", "No search context found for id [1]")
	}
	a := s.over(r, p.index, p.docs)
	if body, ok := a.Body.(map[string]any); ok && a.Status == 200 {
		body["pit_id"] = s.PIT.ID
	}
	return a
}

func (n *Node) search(r Request, x *index) answer {
	var s search
	if len(r.Body) > 0 {
		if err := json.Unmarshal(r.Body, &s); err != nil {
			return refuse(400, "parsing_exception", err.Error())
		}
	}
	return s.over(r, x, n.visible(x))
}

func (n *Node) count(r Request, x *index) answer {
	var s search
	if len(r.Body) > 0 && json.Unmarshal(r.Body, &s) != nil {
		return refuse(400, "parsing_exception", "the body is no JSON")
	}
	total := 0
	for _, d := range n.visible(x) {
		if matches(s.Query, d) {
			total++
		}
	}
	return answer{200, map[string]any{"count": total, "_shards": shards(r.Trouble)}}
}

// over runs a search over documents.
func (s *search) over(r Request, x *index, docs []*doc) answer {
	var found []*doc
	for _, d := range docs {
		if matches(s.Query, d) {
			found = append(found, d)
		}
	}
	total := len(found)
	key := s.order()
	slices.SortStableFunc(found, func(a, b *doc) int { return key.compare(a, b) })
	if len(s.After) > 0 {
		found = slices.DeleteFunc(slices.Clone(found), func(d *doc) bool { return !key.after(d, s.After[0]) })
	}
	size := 10
	if s.Size != nil {
		size = *s.Size
	}
	found = found[:min(len(found), size)]
	if r.Trouble.Shard {
		found, total = nil, 0
	}
	hits := make([]any, len(found))
	for i, d := range found {
		hits[i] = s.hit(x, d, key)
	}
	return answer{200, map[string]any{
		"took": 1, "timed_out": r.Trouble.Slow, "_shards": shards(r.Trouble),
		"hits": map[string]any{"total": map[string]any{"value": total, "relation": "eq"}, "hits": hits},
	}}
}

func (s *search) hit(x *index, d *doc, key sortKey) map[string]any {
	h := map[string]any{"_index": x.name, "_id": d.id}
	if s.Version {
		h["_seq_no"], h["_primary_term"] = d.seqNo, d.term
	}
	var include []string
	switch text := string(s.Source); {
	case text == "false":
	case strings.HasPrefix(text, "["):
		_ = json.Unmarshal(s.Source, &include) // a list of texts
		h["_source"] = d.some(include)
	default:
		h["_source"] = d.source
	}
	for _, name := range s.Fields {
		if value, there := d.parsed()[name]; there && typeOf(x.properties[name]) == "keyword" {
			h["fields"] = map[string]any{name: []any{value}}
		}
	}
	if len(s.Sort) > 0 {
		h["sort"] = key.values(d)
	}
	return h
}

// sortKey is what hits are ordered by: the sequence number, also for _doc, or a field.
type sortKey struct {
	field string
	down  bool
	pairs bool // [_doc, _shard_doc]
}

func (s *search) order() sortKey {
	k := sortKey{field: "_seq_no", pairs: len(s.Sort) == 2}
	if len(s.Sort) == 0 {
		return k
	}
	var by map[string]struct{ Order string }
	if json.Unmarshal(s.Sort[0], &by) == nil {
		for name, how := range by {
			k.field, k.down = name, how.Order == "desc"
		}
	}
	return k
}

func (k sortKey) compare(a, b *doc) int {
	c := 0
	if k.field == "_seq_no" || k.field == "_doc" {
		c = cmp.Compare(a.seqNo, b.seqNo)
	} else {
		left, _ := value(a, k.field).(string)
		right, _ := value(b, k.field).(string)
		c = cmp.Compare(left, right)
	}
	if k.down {
		return -c
	}
	return c
}

func (k sortKey) after(d *doc, last any) bool {
	number, _ := last.(float64)
	return float64(d.seqNo) > number
}

func (k sortKey) values(d *doc) []any {
	switch {
	case k.pairs:
		return []any{d.seqNo, d.seqNo}
	case k.field == "_seq_no" || k.field == "_doc":
		return []any{d.seqNo}
	}
	return []any{value(d, k.field)}
}
