package embedded_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tributary-search/tributary/runtime/embedded"
)

func serve(t *testing.T, o embedded.Options) *httptest.Server {
	t.Helper()
	node, err := embedded.Open(t.TempDir(), o)
	require.NoError(t, err)
	s := httptest.NewServer(node.Handler())
	t.Cleanup(func() {
		s.Close()
		require.NoError(t, node.Close())
	})
	return s
}

func call(t *testing.T, method, url, body string, status int) map[string]any {
	t.Helper()
	have, b, err := request(method, url, "", body)
	require.NoError(t, err)
	require.Equal(t, status, have, "%s %s: %.500s", method, url, b)
	var o map[string]any
	if len(b) > 0 {
		require.NoError(t, json.Unmarshal(b, &o))
	}
	return o
}

// answer sends a request and returns the object that is answered.
func answer(t *testing.T, req *http.Request, status int) map[string]any {
	t.Helper()
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	var o map[string]any
	require.NoError(t, json.NewDecoder(res.Body).Decode(&o))
	require.NoError(t, res.Body.Close())
	require.Equal(t, status, res.StatusCode, "%s %s: %v", req.Method, req.URL, o)
	return o
}

func at(t *testing.T, tree any, path string) any {
	t.Helper()
	v, found := dig(tree, path)
	require.True(t, found, "%s in %v", path, tree)
	return v
}

// TestPointInTime overwrites and deletes everything while a scan runs: the scan sees what was there before.
func TestPointInTime(t *testing.T) {
	s := serve(t, embedded.Options{})
	const n = 2000
	write := func(generation int) {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "{\"index\":{\"_id\":\"%d\"}}\n{\"g\":%d}\n", i, generation)
		}
		call(t, "POST", s.URL+"/pit/_bulk", b.String(), 200)
	}
	write(0)
	call(t, "POST", s.URL+"/pit/_refresh", "", 200)
	id := at(t, call(t, "POST", s.URL+"/pit/_pit?keep_alive=1m", "", 200), "id").(string)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for g := 1; ; g++ {
			select {
			case <-stop:
				return
			default:
				_, _, _ = request("POST", s.URL+"/pit/_bulk", "", "{\"delete\":{\"_id\":\"7\"}}\n{\"index\":{\"_id\":\"new\"}}\n{\"g\":1}\n")
				_, _, _ = request("POST", s.URL+"/pit/_delete_by_query?refresh=true", "", `{"query":{"term":{"g":0}}}`)
			}
		}
	}()
	for _, query := range []string{`{"match_all":{}}`, `{"term":{"g":0}}`} {
		seen := map[string]bool{}
		after := ""
		for {
			o := call(t, "POST", s.URL+"/_search", `{"pit":{"id":"`+id+`"},"size":300,"sort":["_shard_doc"],"query":`+query+after+`}`, 200)
			hits := at(t, o, "hits.hits").([]any)
			for _, h := range hits {
				require.Equal(t, float64(0), at(t, h, "_source.g"))
				require.False(t, seen[at(t, h, "_id").(string)])
				seen[at(t, h, "_id").(string)] = true
			}
			if len(hits) == 0 {
				break
			}
			after = fmt.Sprintf(`,"search_after":[%.0f]`, at(t, hits[len(hits)-1], "sort.0"))
		}
		require.Len(t, seen, n, query)
	}
	close(stop)
	<-stopped
	call(t, "DELETE", s.URL+"/_pit", `{"id":"`+id+`"}`, 200)
}

// TestGroupCommit writes from many clients at once: every acknowledgement is true and every sequence number is used once.
func TestGroupCommit(t *testing.T) {
	s := serve(t, embedded.Options{})
	var mu sync.Mutex
	seqs := map[float64]bool{}
	var wg sync.WaitGroup
	for w := range 16 {
		wg.Go(func() {
			for i := range 20 {
				_, b, err := request("PUT", fmt.Sprintf("%s/group/_doc/%d-%d", s.URL, w, i), "", fmt.Sprintf(`{"w%d":%d}`, w, i))
				var o map[string]any
				if err == nil && json.Unmarshal(b, &o) == nil && o["result"] == "created" {
					mu.Lock()
					seqs[o["_seq_no"].(float64)] = true
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	require.Len(t, seqs, 320)
	require.Equal(t, float64(320), at(t, call(t, "GET", s.URL+"/group/_count", "", 200), "count"))
	require.Len(t, at(t, call(t, "GET", s.URL+"/group/_mapping", "", 200), "group.mappings.properties"), 16)
}

// TestReopen closes and opens a node: documents, versions, mapping, aliases, settings and templates are there.
func TestReopen(t *testing.T) {
	dir := t.TempDir()
	for round := range 2 {
		node, err := embedded.Open(dir, embedded.Options{})
		require.NoError(t, err)
		s := httptest.NewServer(node.Handler())
		if round == 0 {
			call(t, "PUT", s.URL+"/_index_template/tpl", `{"index_patterns":["re*"],"template":{"mappings":{"properties":{"k":{"type":"keyword"}}}}}`, 200)
			call(t, "PUT", s.URL+"/reopen", `{"aliases":{"al":{}},"settings":{"refresh_interval":"9s"}}`, 200)
			call(t, "PUT", s.URL+"/al/_doc/1", `{"k":"x","n":1}`, 201)
			call(t, "PUT", s.URL+"/al/_doc/1", `{"k":"y","n":1}`, 200)
			call(t, "PUT", s.URL+"/al/_doc/2", `{"k":"z"}`, 201)
			call(t, "DELETE", s.URL+"/al/_doc/2", "", 200)
		} else {
			require.Equal(t, float64(2), at(t, call(t, "GET", s.URL+"/al/_doc/1", "", 200), "_version"))
			o := call(t, "GET", s.URL+"/reopen", "", 200)
			require.Equal(t, "9s", at(t, o, "reopen.settings.index.refresh_interval"))
			require.Equal(t, "long", at(t, o, "reopen.mappings.properties.n.type"))
			call(t, "GET", s.URL+"/_index_template/tpl", "", 200)
			call(t, "POST", s.URL+"/al/_refresh", "", 200)
			require.Equal(t, float64(1), at(t, call(t, "POST", s.URL+"/al/_search", `{"query":{"term":{"k":"y"}}}`, 200), "hits.total.value"))
			require.Equal(t, float64(4), at(t, call(t, "PUT", s.URL+"/al/_doc/3", `{"k":"w"}`, 201), "_seq_no"))
			require.Equal(t, float64(2), at(t, call(t, "GET", s.URL+"/al/_count", "", 200), "count"))
		}
		s.Close()
		require.NoError(t, node.Close())
	}
}

func TestBodyLimit(t *testing.T) {
	s := serve(t, embedded.Options{MaxBody: 1000})
	o := call(t, "PUT", s.URL+"/big/_doc/1", `{"a":"`+strings.Repeat("x", 2000)+`"}`, 413)
	require.NotEmpty(t, at(t, o, "error.type"))
	call(t, "PUT", s.URL+"/big/_doc/1", `{"a":"x"}`, 201)
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	_, err := w.Write([]byte(`{"a":"` + strings.Repeat("x", 5000) + `"}`))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	require.Less(t, z.Len(), 1000)
	req, err := http.NewRequest("PUT", s.URL+"/big/_doc/2", &z)
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Content-Encoding", "gzip")
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, 413, res.StatusCode)
}

func TestMediaTypes(t *testing.T) {
	s := serve(t, embedded.Options{})
	for _, c := range []struct{ accept, want string }{
		{"", "application/json"},
		{"application/vnd.elasticsearch+json;compatible-with=8", "application/vnd.elasticsearch+json;compatible-with=8"},
		{"application/vnd.elasticsearch+json; compatible-with=9", "application/vnd.elasticsearch+json;compatible-with=9"},
	} {
		req, err := http.NewRequest("POST", s.URL+"/media/_doc", strings.NewReader(`{"a":1}`))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/json")
		if c.accept != "" {
			req.Header.Set("Accept", c.accept)
			req.Header.Set("Content-Type", c.accept)
		}
		res, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, 201, res.StatusCode)
		require.Equal(t, c.want, res.Header.Get("Content-Type"))
	}
	req, err := http.NewRequest("POST", s.URL+"/media/_doc", strings.NewReader(`a=1`))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, http.StatusNotAcceptable, res.StatusCode)
}

// TestDamagedSearch replaces the Bleve index by rubbish: it is built anew from the documents.
func TestDamagedSearch(t *testing.T) {
	dir := t.TempDir()
	for round := range 2 {
		node, err := embedded.Open(dir, embedded.Options{})
		require.NoError(t, err)
		s := httptest.NewServer(node.Handler())
		if round == 0 {
			call(t, "PUT", s.URL+"/damaged/_doc/1?refresh=true", `{"k":"x"}`, 201)
		}
		call(t, "POST", s.URL+"/damaged/_refresh", "", 200)
		require.Equal(t, float64(1), at(t, call(t, "POST", s.URL+"/damaged/_search", `{"query":{"match":{"k":"x"}}}`, 200), "hits.total.value"))
		s.Close()
		require.NoError(t, node.Close())
		if round == 0 {
			roots, err := filepath.Glob(filepath.Join(dir, "search", "*", "root.bolt"))
			require.NoError(t, err)
			require.Len(t, roots, 1)
			require.NoError(t, os.WriteFile(roots[0], []byte("rubbish"), 0o600))
		}
	}
}
