package trial

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/http"
)

// document is one of an index.
type document struct {
	id     string
	source json.RawMessage
}

// pageSize is how many documents of an index are in memory at a time.
const pageSize = 500

// index reads one index over plain HTTP, without the product's code.
type index struct {
	url  string
	name string
}

// documents gives every document of the index as it is now.
func (x index) documents(ctx context.Context) iter.Seq2[document, error] {
	return func(yield func(document, error) bool) {
		if err := x.each(ctx, func(d document) bool { return yield(d, nil) }); err != nil {
			yield(document{}, err)
		}
	}
}

func (x index) each(ctx context.Context, yield func(document) bool) error {
	if err := x.ask(ctx, http.MethodPost, "/"+x.name+"/_refresh", nil, nil); err != nil {
		return err
	}
	var pit struct{ ID string }
	if err := x.ask(ctx, http.MethodPost, "/"+x.name+"/_pit?keep_alive=5m", nil, &pit); err != nil {
		return err
	}
	defer func() { _ = x.ask(ctx, http.MethodDelete, "/_pit", map[string]any{"id": pit.ID}, nil) }()
	query := map[string]any{
		"size": pageSize, "pit": map[string]any{"id": pit.ID, "keep_alive": "5m"},
		"sort": []any{map[string]any{"_shard_doc": "asc"}}, "track_total_hits": false,
	}
	for {
		var page struct {
			Hits struct {
				Hits []struct {
					ID     string          `json:"_id"`
					Source json.RawMessage `json:"_source"`
					Sort   json.RawMessage `json:"sort"`
				}
			}
		}
		if err := x.ask(ctx, http.MethodPost, "/_search", query, &page); err != nil {
			return err
		}
		hits := page.Hits.Hits
		for _, h := range hits {
			if !yield(document{h.ID, h.Source}) {
				return nil
			}
		}
		if len(hits) < pageSize {
			return nil
		}
		query["search_after"] = hits[len(hits)-1].Sort
	}
}

// ask sends a request and decodes the answer, unless into is nil.
func (x index) ask(ctx context.Context, method, path string, body, into any) error {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, x.url+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("read the index: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	switch {
	case err != nil:
		return fmt.Errorf("read the index: %w", err)
	case res.StatusCode >= http.StatusMultipleChoices:
		return fmt.Errorf("read the index: %s %s: %s: %.300s", method, path, res.Status, answer)
	case into == nil:
		return nil
	}
	return json.Unmarshal(answer, into)
}
