package elastic_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
)

// The lines of the decision table of bulk semantics.
const (
	request429   = "request 429: queue or indexing pressure"
	request413   = "request 413: body too large"
	requestLost  = "request 502/503/504, reset, timeout: unknown outcome"
	requestKeys  = "request 401/403: credentials"
	itemDone     = "item 200/201: done"
	itemGone     = "item 404 on delete: already gone"
	itemExternal = "item 409 with external version: newer copy exists"
	itemRace     = "item 409 with create or if_seq_no: lost a race"
	item429      = "item 429: this shard rejected"
	itemPoison   = "item 400 mapping/parse error: poison document"
	item5xx      = "item 5xx: shard trouble"
)

// writes are the documents a and c, and b with the action of the row.
func writes(t *testing.T, b *elastic.Bulk, action string) error {
	t.Helper()
	require.NoError(t, b.Put(t.Context(), "create", "a", []byte(`{"n":1}`), ""))
	switch action {
	case "delete":
		require.NoError(t, b.Delete(t.Context(), "b", 1, 1))
	case "index", "update":
		require.NoError(t, b.Put(t.Context(), action, "b", []byte(`{"n":2}`), ""))
	default:
		require.NoError(t, b.Put(t.Context(), "create", "b", []byte(`{"n":2}`), ""))
	}
	require.NoError(t, b.Put(t.Context(), "index", "c", []byte(`{"n":3}`), ""))
	return b.Flush(t.Context())
}

type tally = map[string]int64

// itemRow is how Elasticsearch answers for the document b, and what that means.
// The documents a and c are always created.
type itemRow struct {
	line   string
	action string // create, unless it is said
	status int
	kind   string
	reason string
	times  int  // how often, before b is carried out; 0 is always
	there  bool // b is in the index before
	// instead is the answer to b, where it is not a refusal.
	instead string

	counts tally // without those of a and c
	class  connector.Class
	says   string // of the rejection, or of the error that ends the sync
	ends   bool
}

const (
	block   = "cluster_block_exception"
	parsing = "document_parsing_exception"
	illegal = "illegal_argument_exception"
	refused = "es_rejected_execution_exception"
	tooMuch = "rejected execution of primary operation [coordinating_and_primary_bytes=0, replica_bytes=0, all_bytes=0, primary_operation_bytes=60000289, max_coordinating_and_primary_bytes=51897958]"
	busy    = "rejected execution of coordinating operation [coordinating_and_primary_bytes=51897900, replica_bytes=0, all_bytes=51897900, coordinating_operation_bytes=600, max_coordinating_bytes=51897958]"
)

func itemRows() []itemRow {
	return []itemRow{
		{line: itemDone, status: 201, instead: `"result":"created","status":201`, counts: tally{"created": 1}},
		{line: itemDone, status: 201, instead: `"status":201`, counts: tally{"created": 1}},
		{line: itemDone, action: "index", status: 200, instead: `"result":"updated","status":200`, counts: tally{"updated": 1}},
		{line: itemDone, action: "index", status: 201, instead: `"result":"created","status":201`, counts: tally{"created": 1}},
		{line: itemDone, action: "update", status: 200, instead: `"result":"noop","status":200`, counts: tally{"noop": 1}},
		{line: itemDone, action: "update", status: 200, instead: `"result":"updated","status":200`, counts: tally{"updated": 1}},
		{line: itemDone, action: "delete", status: 200, instead: `"result":"deleted","status":200`, counts: tally{"deleted": 1}},
		{line: itemDone, action: "delete", status: 200, instead: `"result":"not_found","status":200`, counts: tally{"not_found": 1}},
		// what an ingest pipeline did to it
		{line: itemDone, status: 200, instead: `"result":"noop","status":200`, counts: tally{"dropped": 1}},
		{line: itemDone, action: "index", status: 200, instead: `"result":"noop","status":200`, counts: tally{"dropped": 1}},
		{line: itemDone, status: 201, instead: `"_id":"other","result":"created","status":201`, counts: tally{"failed": 1}, class: "pipeline", says: "changed its id"},
		{line: itemDone, action: "index", status: 200, instead: `"_id":"c","result":"updated","status":200`, counts: tally{"failed": 1}, class: "pipeline", says: "changed its id"},

		{line: itemGone, action: "delete", status: 404, counts: tally{"not_found": 1}},
		{line: itemGone, action: "delete", status: 404, there: true, counts: tally{"conflict": 1}}, // it came back
		{line: itemRace, action: "delete", status: 409, kind: "version_conflict_engine_exception", there: true, counts: tally{"conflict": 1}},
		{line: itemRace, action: "delete", status: 409, kind: "version_conflict_engine_exception", counts: tally{"not_found": 1}},
		{line: itemRace, status: 409, kind: "version_conflict_engine_exception", there: true, counts: tally{"failed": 1}, class: "conflict", says: "appeared in the index"},
		{line: itemRace, status: 409, kind: "version_conflict_engine_exception", times: 1, counts: tally{"created": 1, "retried": 1}}, // gone again
		{line: itemRace, action: "index", status: 409, kind: "version_conflict_engine_exception", counts: tally{"failed": 1}, class: "conflict", says: "version_conflict_engine_exception"},
		{line: itemRace, action: "update", status: 409, kind: "version_conflict_engine_exception", there: true, times: 1, counts: tally{"updated": 1, "retried": 1}},
		{line: itemRace, action: "update", status: 404, kind: "document_missing_exception", counts: tally{"failed": 1}, class: "missing", says: "document_missing_exception"},

		{line: item429, status: 429, kind: refused, reason: busy, times: 3, counts: tally{"created": 1, "retried": 3}},
		{line: item429, action: "delete", status: 429, kind: refused, reason: busy, times: 2, there: true, counts: tally{"deleted": 1, "retried": 2}},
		{line: item429, status: 429, kind: refused, reason: busy, counts: tally{"retried": 7}, says: "given up after 8 attempts", ends: true},
		{line: item429, status: 429, kind: refused, reason: tooMuch, counts: tally{"failed": 1}, class: "too_large", says: "raise indexing_pressure"},
		{line: item429, status: 429, kind: block, reason: "index [docs] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block];", says: "free space", ends: true},

		{line: item5xx, status: 503, kind: "unavailable_shards_exception", times: 3, counts: tally{"created": 1, "retried": 3}},
		{line: item5xx, status: 503, kind: block, reason: "blocked by: [SERVICE_UNAVAILABLE/1/state not recovered / initialized];", times: 2, counts: tally{"created": 1, "retried": 2}},
		{line: item5xx, status: 500, kind: "node_closed_exception", times: 2, counts: tally{"created": 1, "retried": 2}},
		{line: item5xx, status: 503, kind: "unavailable_shards_exception", counts: tally{"retried": 7}, says: "given up after 8 attempts", ends: true},
		{line: item5xx, status: 504, kind: block, reason: "blocked", says: "lift the block", ends: true},

		{line: itemPoison, status: 400, kind: parsing, reason: "[1:6] failed to parse field [n] of type [long] in document with id 'b'. Preview of field's value: 'secret'", counts: tally{"failed": 1}, class: "mapping", says: "failed to parse field [n]"},
		{line: itemPoison, status: 400, kind: "strict_dynamic_mapping_exception", reason: "[1:6] mapping set to strict", counts: tally{"failed": 1}, class: "mapping", says: "strict"},
		{line: itemPoison, status: 400, kind: illegal, reason: "mapper [n] cannot be changed from type [long] to [text]", counts: tally{"failed": 1}, class: "mapping", says: "mapper [n]"},
		{line: itemPoison, status: 400, kind: parsing, reason: "[1:12] failed to parse: Limit of total fields [1000] has been exceeded while adding new fields [2]", counts: tally{"failed": 1}, class: "fields", says: "flattened"},
		{line: itemPoison, status: 400, kind: illegal, reason: "Limit of total fields [1000] has been exceeded while adding new fields [2]", counts: tally{"failed": 1}, class: "fields", says: "raise index.mapping.total_fields.limit"},
		{line: itemPoison, status: 400, kind: illegal, reason: "Limit of mapping depth [20] has been exceeded due to object field [a]", counts: tally{"failed": 1}, class: "limit", says: "index.mapping.depth.limit"},
		{line: itemPoison, status: 400, kind: illegal, reason: "Document contains at least one immense term in field=\"k\"", counts: tally{"failed": 1}, class: "limit", says: "ignore_above"},
		{line: itemPoison, status: 400, kind: parsing, reason: "[1:2] failed to parse: Number value length (1200) exceeds the maximum allowed (1000)", counts: tally{"failed": 1}, class: "limit", says: "maximum allowed"},
		{line: itemPoison, status: 400, kind: "script_exception", reason: "runtime error", counts: tally{"failed": 1}, class: "pipeline", says: "runtime error"},
		{line: itemPoison, status: 500, kind: "fail_processor_exception", reason: "no", counts: tally{"failed": 1}, class: "pipeline", says: "fail_processor"},
		{line: itemPoison, status: 500, kind: "ingest_processor_exception", reason: "no", counts: tally{"failed": 1}, class: "pipeline", says: "ingest_processor"},
		{line: itemPoison, status: 413, counts: tally{"failed": 1}, class: "too_large", says: "http.max_content_length"},
		{line: itemPoison, status: 422, kind: "new_exception", counts: tally{"failed": 1}, class: "refused", says: "new_exception"},

		// of every document
		{line: requestKeys, status: 401, kind: "security_exception", says: "check elasticsearch.api_key", ends: true},
		{line: requestKeys, status: 403, kind: "security_exception", says: "missing privilege", ends: true},
		{line: requestKeys, status: 403, kind: block, reason: "index [docs] blocked by: [FORBIDDEN/8/index write (api)];", says: "index.blocks.write", ends: true},
		{line: requestKeys, status: 404, kind: "index_not_found_exception", reason: "no such index [docs]", says: "deleted during the sync", ends: true},
		{line: requestKeys, status: 400, kind: "index_closed_exception", reason: "closed", says: "open the index", ends: true},
		{line: requestKeys, status: 400, kind: illegal, reason: "pipeline with id [p] does not exist", says: "create the pipeline", ends: true},
	}
}

func (r *itemRow) name() string {
	action := r.action
	if action == "" {
		action = "create"
	}
	return strings.Join([]string{r.line, action, fmt.Sprint(r.status), r.kind, r.reason, r.instead, fmt.Sprint(r.there, r.times)}, "/")
}

// serve makes the server answer as the row says.
func (r *itemRow) serve(f *fake) {
	if r.there {
		f.docs["b"] = `{"n":0}`
	}
	if r.instead != "" {
		f.trouble = func(_ int, w http.ResponseWriter, _ *http.Request, do func() string) bool {
			_, _ = io.WriteString(w, replaceItem(do(), r.instead))
			return true
		}
		return
	}
	refusals := 0
	f.itemTrouble = func(_, _ int, _, id string) (int, string, string) {
		if id != "b" || r.times > 0 && refusals == r.times {
			return 0, "", ""
		}
		refusals++
		return r.status, r.kind, r.reason
	}
}

// replaceItem puts another answer to the document b.
func replaceItem(answer, item string) string {
	var a struct {
		Items []map[string]json.RawMessage `json:"items"`
	}
	if json.Unmarshal([]byte(answer), &a) != nil || len(a.Items) < 2 {
		return answer
	}
	for action := range a.Items[1] {
		if !strings.Contains(item, `"_id"`) {
			item = `"_id":"b",` + item
		}
		a.Items[1][action] = json.RawMessage("{" + item + "}")
	}
	text, _ := json.Marshal(map[string]any{"errors": false, "items": a.Items})
	return string(text)
}

// TestDecisionsOnItems walks the rows of the table that are about items.
func TestDecisionsOnItems(t *testing.T) {
	used := map[int]bool{}
	rules := 0
	for _, row := range itemRows() {
		var n int
		n, rules = elastic.ItemRule(row.status, row.action, row.kind, row.reason)
		used[n] = true
		t.Run(row.name(), func(t *testing.T) {
			f, r := newFake(t), &report{}
			row.serve(f)
			b := f.bulk(t, elastic.BulkOptions{Flushers: 1, Report: r})
			err := writes(t, b, row.action)
			want := tally{"created": 2}
			for name, n := range row.counts {
				want[name] += n
			}
			assert.Equal(t, want, counted(b))
			if row.ends {
				require.ErrorContains(t, err, row.says)
				return
			}
			require.NoError(t, err)
			if row.class == "" {
				assert.Empty(t, r.failed)
				assert.Equal(t, 3, r.good)
				return
			}
			assert.Equal(t, row.class, r.class["b"])
			assert.Contains(t, r.failed["b"], row.says)
			assert.NotContains(t, r.failed["b"], "secret")
		})
	}
	for n := range rules {
		assert.True(t, used[n], "no row for rule %d of items", n)
	}
}
