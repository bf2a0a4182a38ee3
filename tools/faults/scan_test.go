package faults_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/tools/faults/proxy"
)

func readAll(r *http.Request) []byte {
	body, _ := io.ReadAll(r.Body) // it is in memory
	return body
}

// paged makes a world whose index gives 100 documents a page and holds 400,
// eight of which are gone from the source.
func (x *trial) paged(t *testing.T) *world {
	t.Helper()
	w := x.world(t, 400)
	w.server.ask(t, "PUT", "/"+w.index, `{"settings":{"index.max_result_window":100}}`)
	w.filled(t)
	w.shelf.drop(numbers(20, 28)...)
	w.shelf.put(3)
	return w
}

// pages calls what is to happen to a page of a scan, counted from 1 on over all
// scans of a run: the first scan has 5 with documents and the empty last one.
func (w *world) pages(do func(page int64, body []byte) *proxy.Answer) {
	var pages atomic.Int64
	w.proxy.Answer(func(r *http.Request) *proxy.Answer {
		body := readAll(r)
		if r.URL.Path != "/_search" || !bytes.Contains(body, []byte(`"size":100,`)) {
			return nil
		}
		return do(pages.Add(1), body)
	})
}

// pit is the snapshot that a search asks.
func pit(body []byte) string {
	var search struct{ Pit struct{ ID string } }
	_ = json.Unmarshal(body, &search)
	return search.Pit.ID
}

// lostSnapshots is F16: the snapshot that a scan reads is lost after some pages,
// because somebody closed it or the server was started again. What was read is
// not all, so nothing may be deleted by it.
func lostSnapshots(t *testing.T, x *trial) {
	for name, page := range map[string]int64{"of the first scan": 3, "of the scan that deletes": 7} {
		t.Run("closed, "+name, func(t *testing.T) {
			w := x.paged(t)
			w.lostAt(t, page, func(body []byte) error {
				_, _, err := w.server.send("DELETE", "/_pit", fmt.Sprintf(`{"id":%q}`, pit(body)))
				return err
			})
		})
	}
	t.Run("restart", func(t *testing.T) {
		w := x.paged(t)
		w.timeout = runTime // the request waits for the server to be there again
		w.lostAt(t, 7, func([]byte) error { return w.server.restart() })
	})
}

func (w *world) lostAt(t *testing.T, page int64, lose func(body []byte) error) {
	var failed error
	w.pages(func(now int64, body []byte) *proxy.Answer {
		if now == page {
			failed = lose(body)
		}
		return nil
	})
	o := w.run(t)
	require.NoError(t, failed)
	w.refused(t, o, "the snapshot is lost", "run the sync again")
	w.keepsWhatIsThere(t, o)
	require.LessOrEqual(t, w.heal(t).Deleted, int64(8))
}

// keepsWhatIsThere asserts that everything that the source has is in the index
// still, whatever was deleted.
func (w *world) keepsWhatIsThere(t *testing.T, o outcome) {
	t.Helper()
	truth := w.shelf.truth()
	for id := range acknowledged(o.requests).deleted {
		require.NotContains(t, truth, id, "a document of the source was deleted")
	}
	stored := w.server.stored(t, w.index)
	for id := range truth {
		require.Contains(t, stored, id)
	}
}

// failedShards is F17: a page of a scan lacks the documents of a shard that
// failed, or the search timed out. Elasticsearch answers 200 to both.
func failedShards(t *testing.T, x *trial) {
	broken := map[string]struct{ was, is, words string }{
		"shards failed": {`"failed":0`, `"failed":1`, "1 shards failed"},
		"timed out":     {`"timed_out":false`, `"timed_out":true`, "the search timed out"},
	}
	for name, b := range broken {
		for where, page := range map[string]int64{"first scan": 2, "last page": 6, "scan that deletes": 7} {
			t.Run(name+", "+where, func(t *testing.T) {
				w := x.paged(t)
				w.pages(func(now int64, _ []byte) *proxy.Answer {
					if now != page {
						return nil
					}
					return &proxy.Answer{Edit: func(status int, body []byte) (int, []byte) {
						return status, bytes.Replace(firstHits(body, 10), []byte(b.was), []byte(b.is), 1)
					}}
				})
				o := w.run(t)
				w.refused(t, o, b.words, "run the sync again")
				w.keepsWhatIsThere(t, o)
				if page < 7 {
					o.deletesNothing(t)
				} // later every deletion was decided on all documents
				require.EqualValues(t, 8, o.Deleted+w.heal(t).Deleted)
			})
		}
	}
	t.Run("snapshot of fewer shards", func(t *testing.T) { fewerShards(t, x) })
}

// firstHits is an answer to a search without the hits of a shard that failed.
func firstHits(body []byte, n int) []byte {
	var answer map[string]json.RawMessage
	var outer struct{ Hits []json.RawMessage }
	if json.Unmarshal(body, &answer) != nil || json.Unmarshal(answer["hits"], &outer) != nil {
		return nil
	}
	answer["hits"], _ = json.Marshal(map[string]any{"hits": outer.Hits[:min(n, len(outer.Hits))]})
	body, _ = json.Marshal(answer)
	return body
}

// fewerShards is a snapshot that could not be opened on every shard.
func fewerShards(t *testing.T, x *trial) {
	w := x.paged(t)
	w.proxy.Answer(func(r *http.Request) *proxy.Answer {
		if !strings.HasSuffix(r.URL.Path, "/_pit") || r.Method != http.MethodPost {
			return nil
		}
		return &proxy.Answer{Edit: func(status int, body []byte) (int, []byte) {
			return status, bytes.Replace(body, []byte(`"failed":0`), []byte(`"failed":1`), 1)
		}}
	})
	o := w.run(t)
	w.refused(t, o, "1 shards failed")
	o.deletesNothing(t)
	require.EqualValues(t, 8, w.heal(t).Deleted)
}
