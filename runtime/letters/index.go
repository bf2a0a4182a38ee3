package letters

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/tributary-search/tributary/runtime/elastic"
)

// index is letters as documents of a hidden index. Its _id is the letter's key.
type index struct {
	client *elastic.Client
	name   string
}

// definition is the index. Bodies are kept and not looked at, whatever they hold.
const definition = `{"settings":{"index":{"number_of_shards":1,"auto_expand_replicas":"0-1","hidden":true}},"mappings":{"dynamic":"false","properties":{
"@timestamp":{"type":"date"},"key":{"type":"keyword"},"connector":{"type":"keyword"},"index":{"type":"keyword"},"pipeline":{"type":"keyword"},
"id":{"type":"keyword"},"action":{"type":"keyword"},"class":{"type":"keyword"},"reason":{"type":"text"},"attempts":{"type":"integer"},
"job":{"type":"keyword"},"needs_source":{"type":"boolean"},"body":{"type":"object","enabled":false},"attachment":{"type":"object","enabled":false}}}}`

// ensure makes the index where it is absent.
func (x index) ensure(ctx context.Context) error {
	return x.client.Index(x.name).Ensure(ctx, json.RawMessage(definition))
}

// page is how many letters one search returns, and how many with their bodies.
const (
	page       = 1000
	pageBodies = 20
)

// query chooses letters.
type query struct {
	connector string   // empty: of all
	keys      []string // nil: every
	bodies    bool
}

// each calls visit for every letter, in the order of their keys. Without bodies
// they have everything else. An absent index has none.
func (x index) each(ctx context.Context, q query, visit func(*Letter) error) error {
	for after := ""; ; {
		found, err := x.client.Search(ctx, x.name, q.body(after))
		if absent(err) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, hit := range found.Hits {
			var l Letter
			if err := json.Unmarshal(hit.Source, &l); err != nil || l.Key == "" {
				return fmt.Errorf("index %s holds document %s, which is no dead letter; name another one in dead_letters.index", x.name, hit.ID)
			}
			l.seqNo, l.term = hit.SeqNo, hit.PrimaryTerm
			if err := visit(&l); err != nil {
				return err
			}
			after = l.Key
		}
		if len(found.Hits) < q.size() {
			return nil
		}
	}
}

func (q query) size() int {
	if q.bodies {
		return pageBodies
	}
	return page
}

func (q query) body(after string) []byte {
	filter := []any{}
	if q.connector != "" {
		filter = append(filter, map[string]any{"term": map[string]any{"connector": q.connector}})
	}
	if q.keys != nil {
		filter = append(filter, map[string]any{"terms": map[string]any{"key": q.keys}})
	}
	search := map[string]any{
		"size": q.size(), "seq_no_primary_term": true, "sort": []any{map[string]any{"key": "asc"}}, "query": map[string]any{"bool": map[string]any{"filter": filter}},
	}
	if after != "" {
		search["search_after"] = []string{after}
	}
	if !q.bodies {
		search["_source"] = map[string]any{"excludes": []string{"body"}}
	}
	body, _ := json.Marshal(search) // texts and numbers can't fail
	return body
}

// remove removes letters by their keys.
func (x index) remove(ctx context.Context, keys []string) error {
	for len(keys) > 0 {
		n := min(page, len(keys))
		writes := make([]elastic.Write, n)
		for i, key := range keys[:n] {
			writes[i].ID = key
		}
		refused, err := x.client.WriteMany(ctx, x.name, writes)
		if err = errors.Join(append(refused, err)...); err != nil {
			return err
		}
		keys = keys[n:]
	}
	return nil
}

// absent reports the error of an index that is not there.
func absent(err error) bool {
	var e *elastic.Error
	return errors.As(err, &e) && e.Type == "index_not_found_exception"
}
