package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// Fetch calls visit for each of the ids in their order with the document as the
// index holds it at this moment, whether a search can see it yet or not. The
// source is its JSON, valid during the call only, and nil where the index keeps
// none. An error of visit ends the calls and is returned. The index must exist.
//
// The answer is read whole. One that would be too large is asked for in parts.
func (x *Index) Fetch(ctx context.Context, ids []string, visit func(i int, found bool, source []byte, seqNo, primaryTerm int64) error) error {
	if len(ids) == 0 {
		return nil
	}
	body, err := x.fetch(ctx, ids)
	if errors.Is(err, errTooLong) && len(ids) > 1 {
		half := len(ids) / 2
		if err := x.Fetch(ctx, ids[:half], visit); err != nil {
			return err
		}
		return x.Fetch(ctx, ids[half:], func(i int, found bool, source []byte, seqNo, primaryTerm int64) error {
			return visit(half+i, found, source, seqNo, primaryTerm)
		})
	}
	if err != nil {
		return fmt.Errorf("read %d documents of index %s: %w", len(ids), x.name, err)
	}
	if cap(body) <= maxRoom {
		defer x.room.Store(&body)
	}
	return x.visitFetched(ids, body, visit)
}

// maxRoom is how much memory is kept for the next answer.
const maxRoom = 4 << 20

// fetch makes the request. It is made without a filter of the answer: that
// would write numbers anew and leave empty objects out.
func (x *Index) fetch(ctx context.Context, ids []string) ([]byte, error) {
	index, err := x.stands(ctx)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(map[string][]string{"ids": ids})
	if err != nil {
		return nil, err
	}
	r := request{method: http.MethodPost, path: "/" + index + "/_mget", body: body}
	if room := x.room.Swap(nil); room != nil {
		r.room = *room
	}
	a, err := x.client.call(ctx, r)
	return a.body, err
}

func (x *Index) visitFetched(ids []string, body []byte, visit func(i int, found bool, source []byte, seqNo, primaryTerm int64) error) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	if !opens(dec) {
		return fmt.Errorf("read documents of index %s: %w", x.name, errLook)
	}
	for i := range ids {
		var d fetched
		if !dec.More() || dec.Decode(&d) != nil {
			return fmt.Errorf("read documents of index %s: %w", x.name, errLook)
		}
		switch {
		case d.Error != nil:
			return fmt.Errorf("read document %s of index %s: %s", ids[i], x.name, Reason(d.Error.Reason))
		case d.ID != ids[i]:
			return fmt.Errorf("read documents of index %s: %w", x.name, errLook)
		}
		if err := visit(i, d.Found, d.Source, d.SeqNo, d.PrimaryTerm); err != nil {
			return err
		}
	}
	if dec.More() {
		return fmt.Errorf("read documents of index %s: %w", x.name, errLook)
	}
	return nil
}

// opens reads {"docs":[.
func opens(dec *json.Decoder) bool {
	for _, wanted := range []json.Token{json.Delim('{'), "docs", json.Delim('[')} {
		if got, err := dec.Token(); err != nil || got != wanted {
			return false
		}
	}
	return true
}

// fetched is one document of the answer.
type fetched struct {
	ID          string          `json:"_id"`
	Found       bool            `json:"found"`
	SeqNo       int64           `json:"_seq_no"`
	PrimaryTerm int64           `json:"_primary_term"`
	Source      json.RawMessage `json:"_source"`
	Error       *struct {
		Reason string `json:"reason"`
	} `json:"error"`
}
