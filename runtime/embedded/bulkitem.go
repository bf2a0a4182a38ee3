package embedded

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// checkPipeline refuses a pipeline that does not exist; there are none.
func (it *bulkItem) checkPipeline(c *call) {
	it.alias = it.alias || c.flag("require_alias")
	if it.action != "index" && it.action != "create" {
		return
	}
	name := it.pipeline
	if name == "" {
		name = c.query.Get("pipeline")
	}
	if name != "" && name != "_none" && it.err == nil {
		it.err = illegal("pipeline with id [%s] does not exist", name)
	}
}

// resolve finds or makes the item's index and checks the document, before the transaction begins.
func (it *bulkItem) resolve(n *Node) {
	if it.err != nil {
		return
	}
	if it.alias && it.action != "delete" && !n.isAlias(it.index) { // as the real one, which asks it of no deletion
		missing := indexMissing(it.index)
		missing.reason += " and [require_alias] request flag is [true] and [" + it.index + "] is not an alias"
		it.err = missing
		return
	}
	if it.action == "delete" {
		it.ix, it.err = n.writeTarget(it.index)
	} else {
		it.ix, it.err = n.writeTargetCreating(it.index)
	}
	if it.err == nil {
		it.err = it.ix.blocked(false)
	}
	if it.err != nil {
		return
	}
	if it.id == "" && it.action != "update" && it.action != "delete" {
		it.id = newUUID()[:20]
		it.expect.create = true
	}
	if len(it.id) > 512 {
		it.err = illegal("id [%s] is too long, must be no longer than 512 bytes but was: %d", it.id, len(it.id))
		return
	}
	if it.action == "index" || it.action == "create" {
		it.err = it.ix.accept(it.id, it.source)
	}
}

// accept checks a document before it is written.
func (ix *index) accept(id string, source []byte) error {
	if !json.Valid(source) || source[skipSpace(source, 0)] != '{' {
		return badDocument("[1:1] failed to parse").causedBy(fail(400, "x_content_parse_exception", "the document is not a JSON object"))
	}
	return ix.prepare(id, source)
}

// apply runs the item inside the transaction. Its own failures stay in the item.
func (it *bulkItem) apply(w *writeTx) error {
	if it.err != nil {
		return nil
	}
	it.lost = nil // what an undone transaction found no longer counts
	t, err := w.index(it.ix)
	if err != nil {
		it.lost = err
		return nil
	}
	switch it.action {
	case "delete":
		it.result, err = t.remove(it.id, it.expect)
	case "update":
		it.result, err = t.update(it.id, it.source, it.expect)
	default:
		it.result, err = t.put(it.id, it.source, it.expect)
	}
	var known *apiError
	if errors.As(err, &known) {
		it.lost = err
		return nil
	}
	return err
}

// failure is why the item was not written, nil when it was.
func (it *bulkItem) failure() error {
	if it.err != nil {
		return it.err
	}
	return it.lost
}

func (r result) status() int {
	switch r.outcome {
	case "created":
		return http.StatusCreated
	case "not_found":
		return http.StatusNotFound
	}
	return http.StatusOK
}

// encodeBulk writes the answer by hand: it is as long as the request has items.
func encodeBulk(items []*bulkItem, took time.Duration, forced bool) []byte {
	failed := false
	for _, it := range items {
		failed = failed || it.failure() != nil
	}
	b := make([]byte, 0, len(items)*160+64)
	b = append(b, `{"errors":`...)
	b = strconv.AppendBool(b, failed)
	b = append(b, `,"took":`...)
	b = strconv.AppendInt(b, took.Milliseconds(), 10)
	b = append(b, `,"items":[`...)
	for i, it := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = it.encode(b, forced)
	}
	return append(b, `]}`...)
}

func (it *bulkItem) encode(b []byte, forced bool) []byte {
	name := it.index
	if it.ix != nil {
		name = it.ix.name
	}
	b = append(b, `{"`...)
	b = append(b, it.action...)
	b = append(b, `":{"_index":`...)
	b = appendText(b, name)
	b = append(b, `,"_id":`...)
	if it.id == "" && !it.emptyID {
		b = append(b, "null"...)
	} else {
		b = appendText(b, it.id)
	}
	if err := it.failure(); err != nil {
		e := asAPI(err)
		cause, err := json.Marshal(e.object())
		if err != nil {
			cause = []byte("{}")
		}
		b = append(b, `,"status":`...)
		b = strconv.AppendInt(b, int64(e.status), 10)
		b = append(b, `,"error":`...)
		return append(append(b, cause...), `}}`...)
	}
	b = append(b, it.result.fields(it.ix.copies(), forced)...)
	b = append(b, `,"status":`...)
	b = strconv.AppendInt(b, int64(it.result.status()), 10)
	return append(b, `}}`...)
}

// fields are the members that every write's answer has, each with a comma before it.
func (r result) fields(copies int, forced bool) []byte {
	b := append(make([]byte, 0, 128), `,"_version":`...)
	b = strconv.AppendInt(b, r.version, 10)
	b = append(b, `,"result":"`...)
	b = append(b, r.outcome...)
	b = append(b, '"')
	if forced && r.outcome != "noop" {
		b = append(b, `,"forced_refresh":true`...)
	}
	if r.outcome == "noop" {
		b = append(b, `,"_shards":{"total":0,"successful":0,"failed":0}`...)
	} else {
		b = append(b, `,"_shards":{"total":`...)
		b = strconv.AppendInt(b, int64(copies), 10)
		b = append(b, `,"successful":1,"failed":0}`...)
	}
	b = append(b, `,"_seq_no":`...)
	b = strconv.AppendInt(b, r.seq, 10)
	b = append(b, `,"_primary_term":`...)
	return strconv.AppendInt(b, primaryTerm, 10)
}

// appendText appends a JSON string.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c >= 0x7f {
			q, err := json.Marshal(s)
			if err != nil {
				return append(b, `""`...)
			}
			return append(b, q...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}
