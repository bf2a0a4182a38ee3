package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

const lookFilter = "filter_path=docs._id,docs.found,docs._seq_no,docs._primary_term,docs._source,docs.error.reason&_source_includes=" + fingerprintField

var errLook = errors.New("the answer to a request for documents is not what Elasticsearch sends; a proxy may have changed it")

// Look calls visit for each of the ids in their order, with what the index
// holds of it at this moment, whether a search can see it yet or not. The
// fingerprint is nil when the document has none. An error of visit ends the
// calls and is returned. The index must exist.
func (x *Index) Look(ctx context.Context, ids []string, visit func(i int, found bool, fingerprint []byte, seqNo, primaryTerm int64) error) error {
	if len(ids) == 0 {
		return nil
	}
	docs, err := x.mget(ctx, ids)
	if err != nil {
		return fmt.Errorf("look at %d documents of index %s: %w", len(ids), x.name, err)
	}
	for i := range docs {
		d := &docs[i]
		if err := visit(i, d.Found, d.print(), d.SeqNo, d.PrimaryTerm); err != nil {
			return err
		}
	}
	return nil
}

// lookedUp is one document of an answer.
type lookedUp struct {
	ID          string `json:"_id"`
	Found       bool   `json:"found"`
	SeqNo       int64  `json:"_seq_no"`
	PrimaryTerm int64  `json:"_primary_term"`
	Source      struct {
		Print json.RawMessage `json:"_fingerprint"`
	} `json:"_source"`
	Error *struct {
		Reason string `json:"reason"`
	} `json:"error"`
}

// print is the fingerprint if it is a text.
func (d *lookedUp) print() []byte {
	if len(d.Source.Print) < 2 || d.Source.Print[0] != '"' {
		return nil
	}
	print := d.Source.Print[1 : len(d.Source.Print)-1]
	if bytes.IndexByte(print, '\\') >= 0 {
		return unescape(print)
	}
	return print
}

// stands returns the index that the name stands for: an alias may lead to
// several, of which one takes the writes.
func (x *Index) stands(ctx context.Context) (string, error) {
	if known := x.concrete.Load(); known != nil {
		return *known, nil
	}
	t, err := x.client.resolve(ctx, x.name, identityFilter)
	if err == nil && t == nil {
		err = errors.New("it does not exist")
	}
	if err != nil {
		return "", err
	}
	x.concrete.Store(&t.index)
	return t.index, nil
}

func (x *Index) mget(ctx context.Context, ids []string) ([]lookedUp, error) {
	index, err := x.stands(ctx)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(map[string][]string{"ids": ids})
	if err != nil {
		return nil, err
	}
	a, err := x.client.call(ctx, request{method: http.MethodPost, path: "/" + index + "/_mget", query: lookFilter, body: body})
	if err != nil {
		return nil, err
	}
	var answer struct{ Docs []lookedUp }
	if err := json.Unmarshal(a.body, &answer); err != nil || len(answer.Docs) != len(ids) {
		return nil, errLook
	}
	for i := range answer.Docs {
		switch d := &answer.Docs[i]; {
		case d.Error != nil:
			return nil, fmt.Errorf("document %s: %s", ids[i], Reason(d.Error.Reason))
		case d.ID != ids[i]:
			return nil, errLook
		}
	}
	return answer.Docs, nil
}

// Owned refreshes the index and returns how many documents carry a fingerprint
// of an owner; none when there is no index.
func (x *Index) Owned(ctx context.Context, owner string) (int64, error) {
	t, err := x.client.resolve(ctx, x.name, mappingFilter)
	if err != nil || t == nil {
		return 0, err
	}
	if t.prints() {
		if err := x.Refresh(ctx); err != nil {
			return 0, fmt.Errorf("refresh of index %s: %w", x.name, err)
		}
		query, _ := json.Marshal(map[string]any{"query": owned(owner)}) // texts can't fail
		n, err := x.client.count(ctx, t.index, query)
		if !isStatus(err, http.StatusBadRequest) {
			return n, err
		} // else the cluster forbids queries of fields that are not indexed
	}
	var n int64
	prefix := []byte(owner + ".")
	err = x.Scan(ctx, func(_, print []byte, _, _ int64) error {
		if bytes.HasPrefix(print, prefix) {
			n++
		}
		return nil
	})
	return n, err
}
