package model

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// failure is why a write did not take effect.
type failure struct {
	status       int
	kind, reason string
}

// change is one write that is asked for.
type change struct {
	action, id  string
	source      json.RawMessage
	seqNo, term int64 // -1: any
}

// apply carries out a write and returns its result.
func (n *Node) apply(x *index, from any, c change) (result string, status int, now *doc, failed *failure) {
	old := x.docs[c.id]
	if c.action == "index" || c.action == "create" {
		if failed := x.accept(c.source); failed != nil {
			return "", failed.status, nil, failed
		}
	}
	if failed := c.conflict(old); failed != nil {
		return "", failed.status, nil, failed
	}
	source := c.source
	switch {
	case c.action == "delete" && old == nil:
		x.seqNo++
		return "not_found", 404, nil, nil
	case c.action == "update" && old == nil:
		return "", 404, nil, &failure{404, "document_missing_exception", "[" + c.id + "]: document missing"}
	case c.action == "update":
		merged, changed := merge(old, source)
		if !changed {
			return "noop", 200, old, nil
		}
		source = merged
		if failed := x.accept(source); failed != nil {
			return "", failed.status, nil, failed
		}
	}
	return n.put(x, from, c, old, source)
}

func (n *Node) put(x *index, from any, c change, old *doc, source json.RawMessage) (string, int, *doc, *failure) {
	w := Write{At: n.Now(), From: from, Index: x.name, ID: c.id, Action: c.action, Result: "updated", SeqNo: x.seqNo, LastSeqNo: -1}
	if old != nil {
		w.Before, w.LastSeqNo, w.WasThere = old.source, old.seqNo, true
	}
	d := &doc{id: c.id, source: bytes.Clone(source), seqNo: x.seqNo, term: n.term}
	x.seqNo++
	x.dirty = true
	status := 200
	switch {
	case c.action == "delete":
		delete(x.docs, c.id)
		w.Result = "deleted"
	default:
		x.docs[c.id] = d
		w.After, w.IsThere = d.source, true
		if old == nil {
			w.Result, status = "created", 201
		}
	}
	if n.Wrote != nil {
		n.Wrote(w)
	}
	return w.Result, status, d, nil
}

// conflict reports a document that is not as the write wants it.
func (c *change) conflict(old *doc) *failure {
	switch {
	case c.action == "create" && old != nil:
		return conflicting(c.id, "document already exists (current version [1])")
	case c.seqNo < 0:
		return nil
	case old == nil:
		return conflicting(c.id, fmt.Sprintf("required seqNo [%d], primary term [%d]. but no document was found", c.seqNo, c.term))
	case old.seqNo != c.seqNo || old.term != c.term:
		return conflicting(c.id, fmt.Sprintf("required seqNo [%d], primary term [%d]. current document has seqNo [%d] and primary term [%d]", c.seqNo, c.term, old.seqNo, old.term))
	}
	return nil
}

func conflicting(id, why string) *failure {
	return &failure{409, "version_conflict_engine_exception", "[" + id + "]: version conflict, " + why}
}

// merge lays fields over a document.
func merge(old *doc, fields json.RawMessage) (json.RawMessage, bool) {
	var doc, over map[string]any
	if json.Unmarshal(old.source, &doc) != nil || json.Unmarshal(fields, &over) != nil {
		return fields, true
	}
	changed := lay(doc, over)
	merged, _ := json.Marshal(doc) // it was JSON
	return merged, changed
}

func lay(doc, over map[string]any) (changed bool) {
	for name, value := range over {
		below, isObject := value.(map[string]any)
		under, wasObject := doc[name].(map[string]any)
		if isObject && wasObject {
			changed = lay(under, below) || changed
			continue
		}
		if old, there := doc[name]; !there || !same(old, value) {
			doc[name], changed = value, true
		}
	}
	return changed
}

// same compares two values of JSON.
func same(a, b any) bool {
	left, _ := json.Marshal(a) // both were JSON
	right, _ := json.Marshal(b)
	return bytes.Equal(left, right)
}

// single is a request about one document.
func (n *Node) single(r Request, name, endpoint, id string) (answer, bool) {
	x := n.find(name)
	if r.Method == "GET" {
		return n.get(x, name, id), true
	}
	if _, isAlias := n.indices[name]; r.Query.Get("require_alias") == "true" && (x == nil || isAlias) {
		return refuse(404, "index_not_found_exception", fmt.Sprintf("no such index [%s] and [require_alias] request flag is [true] and [%s] is not an alias", name, name)), true
	}
	if x == nil {
		if r.Method == "DELETE" {
			return noIndex(name), true
		}
		x = n.guessed(name)
	}
	c := change{action: "index", id: id, source: r.Body, seqNo: -1}
	switch {
	case r.Method == "DELETE":
		c.action = "delete"
	case endpoint == "_create":
		c.action = "create"
	}
	if at := r.Query.Get("if_seq_no"); at != "" {
		c.seqNo, _ = strconv.ParseInt(at, 10, 64)
		c.term, _ = strconv.ParseInt(r.Query.Get("if_primary_term"), 10, 64)
	}
	result, status, d, failed := n.apply(x, r.From, c)
	if failed != nil {
		return refuse(failed.status, failed.kind, failed.reason), true
	}
	if r.Query.Get("refresh") == "true" {
		x.refresh(n.Now())
	}
	body := map[string]any{"_index": x.name, "_id": id, "result": result, "_seq_no": x.seqNo - 1, "_primary_term": n.term, "_version": 1}
	if d != nil {
		body["_seq_no"], body["_primary_term"] = d.seqNo, d.term
	}
	return answer{status, body}, true
}

func (n *Node) get(x *index, name, id string) answer {
	if x == nil {
		return noIndex(name)
	}
	d := x.docs[id]
	if d == nil {
		return answer{404, map[string]any{"_index": x.name, "_id": id, "found": false}}
	}
	return answer{200, map[string]any{
		"_index": x.name, "_id": id, "found": true, "_version": 1, "_seq_no": d.seqNo, "_primary_term": d.term, "_source": d.source,
	}}
}
