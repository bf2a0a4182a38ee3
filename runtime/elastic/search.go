package elastic

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// Found is the answer to a search.
type Found struct {
	// Total is how many documents match; AtLeast says that there are more.
	Total   int64
	AtLeast bool
	Hits    []Match
}

// Match is one document that matches.
type Match struct {
	ID    string
	Score float64
	// Source is the document as the search asked for it.
	Source json.RawMessage
	// SeqNo and PrimaryTerm are of the version, where the search asked for them.
	SeqNo, PrimaryTerm int64
	// Highlights are fragments by field, with the matches between <em> and
	// </em>.
	Highlights map[string][]string
}

// Search runs a search body on an index; see [MatchText] for one.
func (c *Client) Search(ctx context.Context, index string, body []byte) (Found, error) {
	if err := CheckName(index); err != nil {
		return Found{}, err
	}
	a, err := c.call(ctx, request{method: http.MethodPost, path: "/" + index + "/_search", body: body})
	if err != nil {
		return Found{}, fmt.Errorf("search in %s: %w", index, err)
	}
	var answer struct {
		TimedOut bool                 `json:"timed_out"`
		Shards   struct{ Failed int } `json:"_shards"`
		Hits     struct {
			Total struct {
				Value    int64
				Relation string
			}
			Hits []struct {
				ID        string              `json:"_id"`
				Score     float64             `json:"_score"`
				Source    json.RawMessage     `json:"_source"`
				Highlight map[string][]string `json:"highlight"`
				SeqNo     int64               `json:"_seq_no"`
				Term      int64               `json:"_primary_term"`
			}
		}
	}
	if err := json.Unmarshal(a.body, &answer); err != nil {
		return Found{}, fmt.Errorf("search in %s: %w", index, errPage)
	}
	if answer.TimedOut || answer.Shards.Failed > 0 {
		return Found{}, fmt.Errorf("search in %s: timed out, or %d shards failed; see the health of the index", index, answer.Shards.Failed)
	}
	total := answer.Hits.Total
	found := Found{Total: total.Value, AtLeast: total.Relation == "gte"}
	for _, h := range answer.Hits.Hits {
		found.Hits = append(found.Hits, Match{ID: h.ID, Score: h.Score, Source: h.Source, Highlights: h.Highlight, SeqNo: h.SeqNo, PrimaryTerm: h.Term})
	}
	return found, nil
}

// searched are the fields that [MatchText] looks in, the telling ones first.
var searched = []string{"title^3", "name^2", "subject^2", "path", "summary", "description", "content", "text", "body"}

// highlighted are the fields that it shows fragments of.
var highlighted = []string{"body", "content", "text", "description", "summary", "title", "subject", "name", "path"}

// highlightedText is how many characters of a field are looked at for
// fragments. Elasticsearch refuses a whole search whose highlighting meets a
// longer text without such a limit.
const highlightedText = 1_000_000

// MatchText is a search body for words as a person types them: they are looked
// for in the fields that sources usually have. It asks for size hits, without
// the long fields, and for at most fragments fragments of each highlighted
// field.
func MatchText(text string, size, fragments int) []byte {
	fields := map[string]any{}
	for _, name := range highlighted {
		fields[name] = map[string]any{}
	}
	body, _ := json.Marshal(map[string]any{ // texts and numbers can't fail
		"size":             size,
		"track_total_hits": true,
		"query": map[string]any{"multi_match": map[string]any{
			"query": text, "fields": searched, "lenient": true,
		}},
		"_source": map[string]any{"excludes": []string{"body", "content", "text", "_attachment", fingerprintField}},
		"highlight": map[string]any{"fields": fields, "number_of_fragments": fragments, "fragment_size": 160,
			"max_analyzed_offset": highlightedText},
	})
	return body
}
