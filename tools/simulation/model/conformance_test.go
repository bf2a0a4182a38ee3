package model_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/elastictest"
	"github.com/tributary-search/tributary/tools/simulation/model"
)

// pair is the model and a server that is asked the same.
type pair struct {
	t     *testing.T
	node  *model.Node
	url   string
	real  bool
	index string
	pits  [2]string
	rand  *rand.Rand
	seqNo map[string][2]int64 // of documents, as they answered last
}

// TestModelAnswersAsAServer sends random requests of the kinds that the runtime sends to the model and to a server (the embedded node, or the one that
// the environment names), and compares the status and what the client reads of the answer.
func TestModelAnswersAsAServer(t *testing.T) {
	server := elastictest.Server(t)
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			p := &pair{
				t: t, node: model.New(), url: server.URL, real: server.Real, index: fmt.Sprintf("model-%06x-%d", rand.Uint32N(1<<24), seed),
				rand: rand.New(rand.NewPCG(seed, 7)), seqNo: map[string][2]int64{},
			}
			defer p.ask("DELETE", "/"+p.index, "", "")
			p.script()
		})
	}
}

func (p *pair) script() {
	p.same("GET", "/"+p.index, "", "")
	p.same("POST", "/"+p.index+"/_count", "", "")
	p.same("PUT", "/"+p.index, "", `{"aliases":{"`+p.index+`-alias":{}},"mappings":{"properties":{"_fingerprint":{"type":"keyword","index":false,"doc_values":true},"n":{"type":"long"},"kind":{"type":"keyword"},"at":{"type":"keyword"},"list":{"type":"keyword"}}}}`)
	p.same("PUT", "/"+p.index, "", `{}`)
	p.same("PUT", "/"+p.index+"/_mapping", "", `{"properties":{"m":{"type":"long"}}}`)
	p.same("PUT", "/"+p.index+"/_mapping", "", `{"properties":{"kind":{"type":"long"}}}`)
	p.same("GET", "/"+p.index, "filter_path=*.aliases,*.data_stream", "")
	for range 120 {
		p.step()
	}
}

func (p *pair) step() {
	path := "/" + p.index
	id := p.id()
	switch p.rand.IntN(14) {
	case 0, 1, 2, 3:
		p.same("POST", p.through()+"/_bulk", p.bulkQuery(), p.bulk())
	case 4:
		p.same("PUT", path+"/_create/"+id, "refresh=true", p.document())
	case 5:
		p.same("PUT", path+"/_doc/"+id, p.version(id), p.document())
	case 6:
		p.same("DELETE", path+"/_doc/"+id, p.version(id), "")
	case 7:
		p.same("GET", path+"/_doc/"+id, "", "")
	case 8, 9:
		p.same("POST", path+"/_mget", "filter_path=docs._id,docs.found,docs._seq_no,docs._primary_term,docs._source,docs.error.reason&_source_includes=_fingerprint", p.ids())
	case 10:
		p.refresh()
		p.same("POST", path+"/_count", "", p.query())
	case 11:
		p.refresh()
		p.same("POST", path+"/_search", "", p.search())
	case 12:
		p.scan()
	case 13:
		p.same("PUT", p.through()+"/_doc/"+id, "require_alias=true", p.document())
	}
}

func (p *pair) id() string { return fmt.Sprintf("d%d", p.rand.IntN(12)) }

// through is the name of the index or, more often than not, of its alias.
func (p *pair) through() string {
	return "/" + p.index + []string{"", "-alias", "-alias"}[p.rand.IntN(3)]
}

func (p *pair) document() string {
	n := fmt.Sprint(p.rand.IntN(3))
	if p.rand.IntN(8) == 0 {
		n = `"no number"`
	}
	list := []string{"", `,"list":["x","y"]`, `,"list":[]`, `,"list":[null]`}[p.rand.IntN(4)]
	return fmt.Sprintf(`{"n":%s,"kind":%q,"at":"2024-0%d-01","word":%q,"o":{"a":{"b":%d}},"_fingerprint":"%08x.%d"%s}`,
		n, []string{"a", "b"}[p.rand.IntN(2)], 1+p.rand.IntN(9), []string{"x.1", "x/1", "x-"}[p.rand.IntN(3)], p.rand.IntN(2), p.rand.IntN(2), p.rand.IntN(100), list)
}

// version is a condition on a document's version, right or wrong, or none.
func (p *pair) version(id string) string {
	at, known := p.seqNo[id]
	switch p.rand.IntN(4) {
	case 0:
		return "refresh=true"
	case 1:
		return fmt.Sprintf("if_seq_no=%d&if_primary_term=1", p.rand.IntN(40))
	}
	if !known {
		return ""
	}
	return fmt.Sprintf("if_seq_no=%d&if_primary_term=%d", at[0], at[1])
}

func (p *pair) bulkQuery() string {
	q := "filter_path=errors,items.*.status,items.*.result,items.*._id,items.*.error.type"
	if p.rand.IntN(3) == 0 {
		q += "&require_alias=true"
	}
	return q
}

func (p *pair) bulk() string {
	var b strings.Builder
	for range 1 + p.rand.IntN(5) {
		id := p.id()
		switch p.rand.IntN(6) {
		case 0:
			fmt.Fprintf(&b, "{\"create\":{\"_id\":%q}}\n%s\n", id, p.document())
		case 1, 2:
			fmt.Fprintf(&b, "{\"index\": {\"_id\":%q}}\n%s\n", id, p.document())
		case 3:
			fmt.Fprintf(&b, "{\"update\":{\"_id\":%q,\"retry_on_conflict\":5}}\n{\"doc\":{\"note\":%d,\"o\":{\"a\":{\"b\":%d}}}}\n", id, p.rand.IntN(2), p.rand.IntN(2))
		case 4:
			at := p.seqNo[id]
			fmt.Fprintf(&b, "{\"delete\":{\"_id\":%q,\"if_seq_no\":%d,\"if_primary_term\":%d}}\n", id, at[0], max(1, at[1]))
		case 5:
			fmt.Fprintf(&b, "{\"delete\":{\"_id\":%q}}\n", id)
		}
	}
	return b.String()
}

func (p *pair) ids() string {
	var ids []string
	for range 1 + p.rand.IntN(6) {
		ids = append(ids, p.id())
	}
	text, err := json.Marshal(map[string]any{"ids": ids})
	require.NoError(p.t, err)
	return string(text)
}

// query is one of those that the runtime makes.
func (p *pair) query() string {
	return []string{
		`{"query":{"match_all":{}}}`,
		`{"query":{"term":{"kind":"a"}}}`,
		`{"query":{"range":{"_fingerprint":{"gte":"00000001.","lt":"00000001/"}}}}`,
		`{"query":{"bool":{"filter":[{"terms":{"kind":["a","c"]}}],"must_not":[{"term":{"n":1}}]}}}`,
		`{"query":{"bool":{"filter":[{"bool":{"should":[{"terms":{"_id":["d1","d2"]}},{"bool":{"filter":[{"terms":{"kind":["b"]}}]}}],"minimum_should_match":1}}]}}}`,
		`{"query":{"bool":{"filter":{"range":{"_seq_no":{"gt":5}}},"must_not":{"exists":{"field":"list"}}}}}`,
		`{"query":{"terms":{"kind":[]}}}`,
		`{"query":{"range":{"word.keyword":{"gte":"x.","lt":"x/"}}}}`,
	}[p.rand.IntN(8)]
}

func (p *pair) search() string {
	tail := []string{
		`,"size":100,"seq_no_primary_term":true,"sort":[{"_seq_no":{"order":"asc","unmapped_type":"long"}}]}`,
		`,"size":3,"seq_no_primary_term":true,"track_total_hits":true,"_source":["n","o.a.b"],"sort":[{"_seq_no":{"order":"asc"}}]}`,
		`,"size":100,"_source":false,"sort":[{"_seq_no":{"order":"desc"}}]}`,
	}[p.rand.IntN(3)]
	return strings.TrimSuffix(p.query(), "}") + tail
}

func (p *pair) refresh() { p.same("POST", "/"+p.index+"/_refresh", "", "") }

// scan reads a snapshot page by page while documents are written, with a snapshot of each.
func (p *pair) scan() {
	p.refresh()
	ours, theirs := p.both("POST", "/"+p.index+"/_pit", "keep_alive=5m", "")
	p.pits = [2]string{ours["id"].(string), theirs["id"].(string)}
	var after [2]string
	seen := [2]map[string]string{{}, {}}
	for side, ask := range []func(method, path, query, body string) (int, []byte){p.model, p.ask} {
		for page := 0; page < 20; page++ {
			body := fmt.Sprintf(`{"size":4,"track_total_hits":false,"seq_no_primary_term":true,"sort":["_doc","_shard_doc"],"_source":false,"docvalue_fields":["_fingerprint"],"pit":{"id":%q,"keep_alive":"5m"}%s}`, p.pits[side], after[side])
			status, answer := ask("POST", "/_search", "", body)
			require.Equal(p.t, 200, status, string(answer))
			var found struct {
				Hits struct {
					Hits []struct {
						ID     string `json:"_id"`
						SeqNo  int64  `json:"_seq_no"`
						Fields json.RawMessage
						Sort   json.RawMessage
					}
				}
			}
			require.NoError(p.t, json.Unmarshal(answer, &found))
			if len(found.Hits.Hits) == 0 {
				break
			}
			for _, h := range found.Hits.Hits {
				require.NotContains(p.t, seen[side], h.ID, "a page repeats a document")
				seen[side][h.ID] = fmt.Sprint(h.SeqNo, string(h.Fields))
				after[side] = `,"search_after":` + string(h.Sort)
			}
		}
	}
	require.Equal(p.t, seen[1], seen[0])
	for side, ask := range []func(method, path, query, body string) (int, []byte){p.model, p.ask} {
		status, _ := ask("DELETE", "/_pit", "", fmt.Sprintf(`{"id":%q}`, p.pits[side]))
		require.Equal(p.t, 200, status)
		status, _ = ask("POST", "/_search", "", fmt.Sprintf(`{"size":1,"pit":{"id":%q,"keep_alive":"5m"}}`, p.pits[side]))
		require.Equal(p.t, 404, status, "a snapshot that was given back")
	}
}

// same sends a request to both and compares what the client reads.
func (p *pair) same(method, path, query, body string) {
	p.t.Helper()
	ours, theirs := p.both(method, path, query, body)
	require.Equal(p.t, read(theirs), read(ours), "%s %s?%s\n%s", method, path, query, body)
	p.learn(theirs)
}

func (p *pair) both(method, path, query, body string) (ours, theirs map[string]any) {
	p.t.Helper()
	status, answer := p.model(method, path, query, body)
	wanted, real := p.ask(method, path, query, body)
	require.Equal(p.t, wanted, status, "%s %s?%s\n%s\nserver %s\nmodel  %s", method, path, query, body, real, answer)
	require.NoError(p.t, json.Unmarshal(answer, &ours))
	require.NoError(p.t, json.Unmarshal(real, &theirs))
	return ours, theirs
}

// learn remembers the versions of documents.
func (p *pair) learn(answer map[string]any) {
	id, _ := answer["_id"].(string)
	seqNo, there := answer["_seq_no"].(float64)
	term, _ := answer["_primary_term"].(float64)
	if there && id != "" {
		p.seqNo[id] = [2]int64{int64(seqNo), int64(term)}
	}
}

// read is what the client reads of an answer.
func read(answer map[string]any) map[string]any {
	left := map[string]any{}
	for _, name := range []string{"_id", "found", "_seq_no", "_primary_term", "_source", "result", "count", "docs", "items", "errors", "timed_out"} {
		if v, there := answer[name]; there {
			left[name] = v
		}
	}
	if e, ok := answer["error"].(map[string]any); ok {
		left["error"] = e["type"]
	}
	if hits, ok := answer["hits"].(map[string]any); ok {
		left["total"] = hits["total"]
		var list []any
		for _, h := range hits["hits"].([]any) {
			hit := maps.Clone(h.(map[string]any))
			maps.DeleteFunc(hit, func(name string, _ any) bool {
				return !slices.Contains([]string{"_id", "_seq_no", "_primary_term", "_source", "fields"}, name)
			})
			list = append(list, hit)
		}
		left["hits"] = list
	}
	for name, state := range answer { // of an index
		if s, ok := state.(map[string]any); ok && s["aliases"] != nil {
			left[name] = s["aliases"]
		}
	}
	return left
}

func (p *pair) model(method, path, query, body string) (int, []byte) {
	q, err := url.ParseQuery(query)
	require.NoError(p.t, err)
	return p.node.Serve(model.Request{Method: method, Path: path, Query: q, Body: []byte(body)})
}

func (p *pair) ask(method, path, query, body string) (int, []byte) {
	req, err := http.NewRequest(method, p.url+path+"?"+query, bytes.NewReader([]byte(body)))
	require.NoError(p.t, err)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	require.NoError(p.t, err)
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	require.NoError(p.t, err)
	return res.StatusCode, answer
}
