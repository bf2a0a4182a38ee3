package embedded

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// update merges a partial document into the stored one.
func (t *indexTx) update(id string, body []byte, x expect) (result, error) {
	u, err := parseUpdate(body)
	if err != nil {
		return result{}, err
	}
	r, exists, err := t.at([]byte(id), t.next)
	if err != nil {
		return result{}, err
	}
	if !exists {
		return t.upsert(id, u, x)
	}
	if err := t.check(id, head{seq: r.seq, version: r.version}, true, x); err != nil {
		return result{}, err
	}
	merged, changed, err := mergeSource(r.source, u.doc)
	if err != nil {
		return result{}, err
	}
	if !changed && u.detectNoop {
		return result{seq: r.seq, version: r.version, outcome: "noop"}, nil
	}
	if err := t.ix.accept(id, merged); err != nil {
		return result{}, err
	}
	return t.put(id, merged, x)
}

func (t *indexTx) upsert(id string, u updateBody, x expect) (result, error) {
	source := u.upsert
	if u.docAsUpsert {
		source = u.doc
	}
	if source == nil {
		e := fail(http.StatusNotFound, "document_missing_exception", "[%s]: document missing", id)
		e.extra = map[string]any{"index": t.ix.name, "index_uuid": t.ix.uuid, "shard": "0"}
		return result{}, e
	}
	if x.conditional {
		return result{}, t.conflict(id, "required seqNo [%d], primary term [%d]. but no document was found", x.seqNo, x.primary)
	}
	if err := t.ix.accept(id, source); err != nil {
		return result{}, err
	}
	return t.put(id, source, x)
}

// updateBody is the body of an update.
type updateBody struct {
	doc         json.RawMessage
	upsert      json.RawMessage
	docAsUpsert bool
	detectNoop  bool
}

func parseUpdate(body []byte) (updateBody, error) {
	u := updateBody{detectNoop: true}
	if !json.Valid(body) {
		return u, fail(400, "x_content_parse_exception", "[1:1] [UpdateRequest] failed to parse")
	}
	err := eachField(body, func(key, value []byte) error {
		switch string(key) {
		case "doc":
			u.doc = value
			if len(value) == 0 || value[0] != '{' {
				return fail(400, "x_content_parse_exception", "[1:1] [UpdateRequest] doc doesn't support values of this type")
			}
		case "upsert":
			u.upsert = value
		case "doc_as_upsert":
			u.docAsUpsert = string(scalarText(value)) == "true"
		case "detect_noop":
			u.detectNoop = string(scalarText(value)) != "false"
		case "_source":
			if string(value) != "false" {
				return unsupported("[_source] of an update")
			}
		case "script", "scripted_upsert":
			return unsupported("[%s]", key)
		default:
			return fail(400, "x_content_parse_exception", "[1:1] [UpdateRequest] unknown field [%s]", key)
		}
		return nil
	})
	if err == nil && u.doc == nil {
		err = fail(400, "action_request_validation_exception", "Validation Failed: 1: script or doc is missing;")
	}
	return u, err
}

// mergeSource merges objects member by member; everything else is replaced.
func mergeSource(source, doc []byte) (merged []byte, changed bool, err error) {
	old, err := decodeObject(source)
	if err != nil {
		return nil, false, err
	}
	part, err := decodeObject(doc)
	if err != nil {
		return nil, false, err
	}
	if !mergeTrees(old, part) {
		return source, false, nil
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(old); err != nil {
		return nil, false, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), true, nil
}

func mergeTrees(old, part map[string]any) (changed bool) {
	for key, v := range part {
		have, exists := old[key]
		o, oldIsObject := have.(map[string]any)
		p, newIsObject := v.(map[string]any)
		if oldIsObject && newIsObject {
			changed = mergeTrees(o, p) || changed
			continue
		}
		if exists && show(have) == show(v) {
			continue
		}
		old[key], changed = v, true
	}
	return changed
}
