package model

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// bulkHead is an action line.
type bulkHead struct {
	ID    string `json:"_id"`
	Index string `json:"_index"`
	SeqNo *int64 `json:"if_seq_no"`
	Term  *int64 `json:"if_primary_term"`
	Alias bool   `json:"require_alias"`
}

// bulk carries out the items one after the other.
func (n *Node) bulk(r Request, name string) answer {
	items, ok := parseBulk(r.Body)
	if !ok {
		return refuse(400, "illegal_argument_exception", "The bulk request must be terminated by a newline [\\n]")
	}
	answers := make([]json.RawMessage, len(items))
	errors := false
	for i, it := range items {
		target := name
		if it.head.Index != "" {
			target = it.head.Index
		}
		result, status, d, failed := n.bulkItem(r, target, it)
		answers[i] = it.answer(target, result, status, d, failed)
		errors = errors || failed != nil
	}
	if refresh := r.Query.Get("refresh"); refresh == "true" || refresh == "wait_for" {
		if x := n.find(name); x != nil {
			x.refresh(n.Now())
		}
	}
	return answer{200, map[string]any{"took": 1, "errors": errors, "items": answers}}
}

// answer is one item of the answer.
func (it *bulkLine) answer(index, result string, status int, d *doc, failed *failure) json.RawMessage {
	b := append([]byte(`{"`), it.action...)
	b = append(b, `":{"_index":`...)
	b = strconv.AppendQuote(b, index)
	b = append(b, `,"_id":`...)
	id, _ := json.Marshal(it.head.ID) // a text
	b = append(append(b, id...), `,"status":`...)
	b = strconv.AppendInt(b, int64(status), 10)
	if failed != nil {
		reason, _ := json.Marshal(failed.reason) // a text
		return append(fmt.Appendf(b, `,"error":{"type":%q,"reason":%s}`, failed.kind, reason), "}}"...)
	}
	b = fmt.Appendf(b, `,"result":%q`, result)
	if d != nil {
		b = fmt.Appendf(b, `,"_seq_no":%d,"_primary_term":%d`, d.seqNo, d.term)
	}
	return append(b, "}}"...)
}

type bulkLine struct {
	action string
	head   bulkHead
	source json.RawMessage
}

func parseBulk(body []byte) (items []*bulkLine, ok bool) {
	for len(body) > 0 {
		var line, source []byte
		line, body, ok = bytes.Cut(body, []byte{'\n'})
		var head map[string]bulkHead
		if !ok || json.Unmarshal(line, &head) != nil || len(head) != 1 {
			return nil, false
		}
		for action, h := range head {
			it := &bulkLine{action: action, head: h}
			if action != "delete" {
				if source, body, ok = bytes.Cut(body, []byte{'\n'}); !ok {
					return nil, false
				}
				it.source = source
			}
			items = append(items, it)
		}
	}
	return items, true
}

// BulkIDs are the ids of the documents of a bulk request, one for each item; nil when it is none.
func BulkIDs(body []byte) []string {
	items, _ := parseBulk(body)
	ids := make([]string, len(items))
	for i, it := range items {
		ids[i] = it.head.ID
	}
	return ids
}

func (n *Node) bulkItem(r Request, name string, it *bulkLine) (result string, status int, d *doc, failed *failure) {
	x := n.find(name)
	_, concrete := n.indices[name]
	if alias := r.Query.Get("require_alias") == "true" || it.head.Alias; alias && it.action != "delete" && (x == nil || concrete) {
		failed = &failure{404, "index_not_found_exception", fmt.Sprintf("no such index [%s] and [require_alias] request flag is [true] and [%s] is not an alias", name, name)}
		return "", 404, nil, failed
	}
	if r.Trouble.Item != nil {
		switch status := r.Trouble.Item(it.head.ID); {
		case status == 429:
			return "", status, nil, &failure{status, "es_rejected_execution_exception", "rejected execution of coordinating operation"}
		case status != 0:
			return "", status, nil, &failure{status, "unavailable_shards_exception", "primary shard is not active"}
		}
	}
	if x == nil {
		if it.action == "delete" {
			return "", 404, nil, &failure{404, "index_not_found_exception", "no such index [" + name + "]"}
		}
		x = n.guessed(name)
	}
	c := change{action: it.action, id: it.head.ID, source: it.source, seqNo: -1}
	if it.head.SeqNo != nil && it.head.Term != nil {
		c.seqNo, c.term = *it.head.SeqNo, *it.head.Term
	}
	if it.action == "update" {
		var wrapped struct{ Doc json.RawMessage }
		if json.Unmarshal(it.source, &wrapped) != nil || wrapped.Doc == nil {
			return "", 400, nil, &failure{400, "action_request_validation_exception", "script or doc is missing"}
		}
		c.source = wrapped.Doc
	}
	if pipeline := r.Query.Get("pipeline"); pipeline != "" && it.action != "update" && it.action != "delete" {
		if n.pipelines[pipeline] == nil {
			return "", 400, nil, &failure{400, "illegal_argument_exception", "pipeline with id [" + pipeline + "] does not exist"}
		}
		if dropped(it.source) {
			return "noop", 200, nil, nil
		}
	}
	return n.apply(x, r.From, c)
}

// dropped reports whether a pipeline drops a document.
func dropped(source []byte) bool {
	var d struct{ Drop any }
	return bytes.Contains(source, []byte(`"drop"`)) && json.Unmarshal(source, &d) == nil && d.Drop != nil
}
