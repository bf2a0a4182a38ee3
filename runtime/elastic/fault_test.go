package elastic_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/elastic"
)

// first makes trouble of the first requests only.
func first(n int, trouble func(w http.ResponseWriter, r *http.Request, do func() string)) func(int, http.ResponseWriter, *http.Request, func() string) bool {
	return func(request int, w http.ResponseWriter, r *http.Request, do func() string) bool {
		if request > n {
			return false
		}
		trouble(w, r, do)
		return true
	}
}

func status(code int) func(http.ResponseWriter, *http.Request, func() string) {
	return func(w http.ResponseWriter, r *http.Request, _ func() string) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(code)
	}
}

// instead carries the request out and sends something else than its answer.
func instead(change func(answer string) string) func(http.ResponseWriter, *http.Request, func() string) {
	return func(w http.ResponseWriter, _ *http.Request, do func() string) {
		_, _ = io.WriteString(w, change(do()))
	}
}

// A sync that stands still says why, once for each request.
func TestBulkSaysWhyItStandsStill(t *testing.T) {
	f, said := newFake(t), &logs{}
	f.trouble = first(7, status(503))
	c, err := elastic.New(elastic.Config{URL: f.URL, Log: said.logger()})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	b := c.Bulk("docs", elastic.BulkOptions{Retry: elastic.Retry{Attempts: 8, Base: 1, Max: 1}})
	require.NoError(t, b.Put(t.Context(), "create", "a", []byte(`{}`), ""))
	require.NoError(t, b.Close())
	assert.Equal(t, 1, strings.Count(said.String(), "level=WARN"), said)
	assert.Contains(t, said.String(), "503")
}

func TestBulkSurvives(t *testing.T) {
	tests := map[string]func(http.ResponseWriter, *http.Request, func() string){
		"429": status(429),
		"502": status(502),
		"503": status(503),
		"504": status(504),
		"500": status(500),
		"a refusal before the body was read": func(w http.ResponseWriter, _ *http.Request, _ func() string) {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(503)
		},
		"a reset before the request was carried out": func(w http.ResponseWriter, _ *http.Request, _ func() string) { reset(w) },
		"a reset after the request was carried out": func(w http.ResponseWriter, _ *http.Request, do func() string) {
			do()
			reset(w)
		},
		"an answer that is cut": func(w http.ResponseWriter, _ *http.Request, do func() string) {
			answer := do()
			w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
			_, _ = io.WriteString(w, answer[:len(answer)/2])
			w.(http.Flusher).Flush()
			reset(w)
		},
		"an answer in small pieces": func(w http.ResponseWriter, _ *http.Request, do func() string) {
			for i, c := range []byte(do()) {
				_, _ = w.Write([]byte{c})
				if i%7 == 0 {
					w.(http.Flusher).Flush()
				}
			}
		},
		"half an answer with status 200": instead(func(a string) string { return a[:len(a)/2] }),
		"an empty answer":                instead(func(string) string { return "" }),
		"garbage":                        instead(func(string) string { return "<html>busy</html>" }),
		"garbage without end":            instead(func(string) string { return strings.Repeat(" ", 10<<20) }),
		"a missing item": instead(func(a string) string {
			return a[:strings.LastIndex(a, `,{"create"`)] + `]}`
		}),
		"a surplus item":       instead(func(a string) string { return strings.Replace(a, `]}`, `,{"create":{"_id":"x","status":201}}]}`, 1) }),
		"another action":       instead(func(a string) string { return strings.Replace(a, `{"create"`, `{"index"`, 1) }),
		"items without status": instead(func(a string) string { return strings.ReplaceAll(a, `,"status":201`, ``) }),
		"an unfiltered answer": instead(func(a string) string {
			return strings.ReplaceAll(a, `"result"`, `"_index":"docs","_version":1,"result"`)
		}),
		"items out of order": instead(func(a string) string {
			var all struct{ Items []json.RawMessage }
			_ = json.Unmarshal([]byte(a), &all)
			slices.Reverse(all.Items)
			text, _ := json.Marshal(map[string]any{"errors": false, "items": all.Items})
			return string(text)
		}),
		"items without ids":                             instead(func(a string) string { return strings.ReplaceAll(a, `"_id"`, `"_index"`) }),
		"a success with an error":                       instead(func(a string) string { return strings.Replace(a, `"result":"created"`, `"error":{"type":"x"}`, 1) }),
		"a status that is no end":                       instead(func(a string) string { return strings.Replace(a, `201`, `102`, 1) }),
		"success, of which errors says that it is none": instead(func(a string) string { return strings.Replace(a, `"errors":false`, `"errors":true`, 1) }),
		"a slow answer": func(w http.ResponseWriter, _ *http.Request, do func() string) {
			time.Sleep(50 * time.Millisecond)
			_, _ = io.WriteString(w, do())
		},
	}
	for name, trouble := range tests {
		t.Run(name, func(t *testing.T) {
			const n = 300
			f, r := newFake(t), &report{}
			f.trouble = first(3, trouble)
			b := f.bulk(t, elastic.BulkOptions{MaxDocs: 40, Report: r})
			for i := range n {
				require.NoError(t, b.Put(t.Context(), "create", fmt.Sprint(i), fmt.Appendf(nil, `{"n":%d}`, i), ""))
			}
			require.NoError(t, b.Close())
			assert.Len(t, f.docs, n)
			for i := range n {
				require.Equal(t, fmt.Sprintf(`{"n":%d}`, i), f.docs[fmt.Sprint(i)])
			}
			counts := counted(b)
			delete(counts, "retried")
			assert.Equal(t, map[string]int64{"created": n}, counts)
			assert.Equal(t, n, r.good)
			assert.Zero(t, f.overlaps)
		})
	}
}

func TestBulkRetriesSingleItems(t *testing.T) {
	const n = 2000
	f, r := newFake(t), &report{}
	f.itemTrouble = func(request, i int, action, id string) (int, string, string) {
		switch {
		case request%4 == 3:
			return 0, "", ""
		case i%10 < 3:
			return 429, "es_rejected_execution_exception", "rejected execution of coordinating operation"
		case i%10 == 4 && action == "create":
			return 503, "unavailable_shards_exception", "primary shard is not active"
		}
		return 0, "", ""
	}
	b := f.bulk(t, elastic.BulkOptions{MaxDocs: 100, Report: r, Retry: elastic.Retry{Attempts: 30, Base: 1, Max: 1}})
	for i := range n {
		action := []string{"create", "index"}[i%2]
		require.NoError(t, b.Put(t.Context(), action, fmt.Sprint(i), fmt.Appendf(nil, `{"n":%d}`, i), ""))
	}
	require.NoError(t, b.Close())
	assert.Len(t, f.docs, n)
	assert.EqualValues(t, n, b.Counts()["created"])
	assert.NotZero(t, b.Counts()["retried"])
	assert.Equal(t, n, r.good)
	assert.Zero(t, f.overlaps)
}

func TestBulkNeverBringsBackAnOlderVersion(t *testing.T) {
	f := newFake(t)
	f.itemTrouble = func(request, i int, _, _ string) (int, string, string) {
		if request == 1 && i == 0 {
			return 429, "es_rejected_execution_exception", "busy"
		}
		return 0, "", ""
	}
	b := f.bulk(t, elastic.BulkOptions{Flushers: 1})
	require.NoError(t, b.Put(t.Context(), "create", "a", []byte(`{"v":1}`), ""))
	require.NoError(t, b.Put(t.Context(), "create", "b", []byte(`{"v":1}`), ""))
	require.NoError(t, b.Put(t.Context(), "index", "a", []byte(`{"v":2}`), "duplicate"))
	require.NoError(t, b.Close())
	assert.Equal(t, map[string]string{"a": `{"v":2}`, "b": `{"v":1}`}, f.docs)
	assert.Equal(t, map[string]int64{"created": 2, "duplicate": 1}, counted(b))
}

func TestBulkKeepsAnUpdateBehindItsDocument(t *testing.T) {
	f := newFake(t)
	f.itemTrouble = func(request, i int, _, _ string) (int, string, string) {
		if request == 1 && i == 0 {
			return 429, "es_rejected_execution_exception", "busy"
		}
		return 0, "", ""
	}
	b := f.bulk(t, elastic.BulkOptions{Flushers: 1})
	require.NoError(t, b.Put(t.Context(), "create", "a", []byte(`{"v":1}`), ""))
	require.NoError(t, b.Put(t.Context(), "update", "a", []byte(`{"v":2}`), ""))
	require.NoError(t, b.Close())
	assert.Equal(t, map[string]string{"a": `{"doc":{"v":2}}`}, f.docs)
	assert.Equal(t, map[string]int64{"created": 1, "updated": 1, "retried": 2}, counted(b))
}

func TestBulkKnowsItsOwnDeletions(t *testing.T) {
	f := newFake(t)
	f.docs = map[string]string{"a": "{}", "b": "{}"}
	f.trouble = first(1, func(w http.ResponseWriter, _ *http.Request, do func() string) { do(); reset(w) })
	b := f.bulk(t, elastic.BulkOptions{Flushers: 1})
	for _, id := range []string{"a", "b"} {
		require.NoError(t, b.Delete(t.Context(), id, 1, 1))
	}
	require.NoError(t, b.Flush(t.Context()))
	require.NoError(t, b.Delete(t.Context(), "never", 1, 1))
	require.NoError(t, b.Close())
	assert.Empty(t, f.docs)
	assert.Equal(t, map[string]int64{"deleted": 2, "not_found": 1, "retried": 2}, counted(b))
}

func TestBulkEndsTheSync(t *testing.T) {
	item := func(status int, kind, reason string) func(*fake) {
		return func(f *fake) {
			f.itemTrouble = func(_, i int, _, _ string) (int, string, string) {
				if i == 1 {
					return status, kind, reason
				}
				return 0, "", ""
			}
		}
	}
	request := func(code int, body string) func(*fake) {
		return func(f *fake) {
			f.trouble = first(100, func(w http.ResponseWriter, r *http.Request, _ func() string) {
				_, _ = io.Copy(io.Discard, r.Body)
				w.WriteHeader(code)
				_, _ = io.WriteString(w, body)
			})
		}
	}
	const unauthorized = `{"error":{"type":"security_exception","reason":"action [indices:data/write/bulk] is unauthorized for API key id [k] of user [u] on indices [docs], this action is granted by the index privileges [create_doc,create,index,write,all]"},"status":403}`
	tests := []struct {
		name     string
		trouble  func(*fake)
		says     string
		requests int
	}{
		{"401", request(401, `{"error":{"type":"security_exception","reason":"unable to authenticate"},"status":401}`), "check elasticsearch.api_key", 1},
		{"403", request(403, unauthorized), "one of the privileges create_doc, create, index, write, all", 1},
		{"400", request(400, `{"error":{"type":"illegal_argument_exception","reason":"Malformed action"},"status":400}`), "Malformed action", 1},
		{"item 403", item(403, "security_exception", "action is unauthorized"), "missing privilege", 1},
		{"read-only index", item(403, "cluster_block_exception", "index [docs] blocked by: [FORBIDDEN/8/index write (api)];"), "index.blocks.write", 1},
		{"full disk", item(429, "cluster_block_exception", "index [docs] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block];"), "free space", 1},
		{"deleted index", item(404, "index_not_found_exception", "no such index [docs]"), "deleted during the sync", 1},
		{"closed index", item(400, "index_closed_exception", "closed"), "open the index", 1},
		{"missing pipeline", item(400, "illegal_argument_exception", "pipeline with id [p] does not exist"), "create the pipeline", 1},
		{"never better", request(503, ``), "2 documents and 52 bytes given up after 8 attempts", 8},
		{"item never better", item(503, "unavailable_shards_exception", "primary shard is not active"), "1 documents and 26 bytes given up after 8 attempts", 8},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFake(t)
			test.trouble(f)
			if strings.HasPrefix(test.name, "item never") {
				refuse := f.itemTrouble
				f.itemTrouble = func(n, i int, action, id string) (int, string, string) {
					return refuse(n, map[bool]int{true: 1}[id == "b"], action, id)
				}
			}
			b := f.bulk(t, elastic.BulkOptions{Flushers: 1})
			require.NoError(t, b.Put(t.Context(), "create", "a", []byte(`{}`), ""))
			require.NoError(t, b.Put(t.Context(), "create", "b", []byte(`{}`), ""))
			err := b.Flush(t.Context())
			require.ErrorContains(t, err, test.says)
			assert.NotContains(t, err.Error(), "\n")
			assert.ErrorIs(t, b.Put(t.Context(), "create", "c", []byte(`{}`), ""), err)
			assert.ErrorIs(t, b.Close(), err)
			assert.Equal(t, test.requests, f.bulks)
			assert.EqualValues(t, len(f.docs), b.Counts()["created"], "what was done is counted")
		})
	}
}

func TestBulkHonoursACancel(t *testing.T) {
	f := newFake(t)
	release := make(chan struct{})
	defer close(release)
	f.trouble = first(100, func(_ http.ResponseWriter, r *http.Request, _ func() string) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	b := f.bulk(t, elastic.BulkOptions{MaxDocs: 1, Flushers: 1})
	why := errors.New("the user said so")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(100*time.Millisecond, func() { cancel(why) })
	var err error
	start := time.Now()
	for i := 0; err == nil; i++ {
		err = b.Put(ctx, "create", fmt.Sprint(i), []byte(`{}`), "")
	}
	require.ErrorIs(t, err, why)
	require.ErrorIs(t, b.Flush(ctx), why)
	require.NoError(t, b.Close())
	assert.Less(t, time.Since(start), 2*time.Second) // the promise itself, with 1.9 s to spare
}

func TestBulkWaitsForSlowServers(t *testing.T) {
	f := newFake(t)
	f.trouble = func(_ int, w http.ResponseWriter, _ *http.Request, do func() string) bool {
		time.Sleep(20 * time.Millisecond)
		_, _ = io.WriteString(w, do())
		return true
	}
	b := f.bulk(t, elastic.BulkOptions{MaxDocs: 1, Flushers: 2})
	for i := range 20 {
		require.NoError(t, b.Put(t.Context(), "create", fmt.Sprint(i), []byte(`{}`), ""))
		f.mu.Lock()
		assert.GreaterOrEqual(t, len(f.docs), i-5, "more is held than two batches per flusher")
		f.mu.Unlock()
	}
	require.NoError(t, b.Flush(t.Context()))
	assert.Len(t, f.docs, 20)
}

func TestBulkSendsLessToAnOverloadedServer(t *testing.T) {
	var mu sync.Mutex
	under, most := 0, 0
	f := newFake(t)
	f.trouble = func(n int, w http.ResponseWriter, r *http.Request, _ func() string) bool {
		if n > 12 {
			return false
		}
		mu.Lock()
		under++
		if n > 4 {
			most = max(most, under)
		}
		mu.Unlock()
		_, _ = io.Copy(io.Discard, r.Body)
		time.Sleep(10 * time.Millisecond)
		mu.Lock()
		under--
		mu.Unlock()
		w.WriteHeader(http.StatusTooManyRequests)
		return true
	}
	b := f.bulk(t, elastic.BulkOptions{MaxDocs: 1, Flushers: 4, Retry: elastic.Retry{Attempts: 50, Base: 1, Max: 1}})
	for i := range 60 {
		require.NoError(t, b.Put(t.Context(), "create", fmt.Sprint(i), []byte(`{}`), ""))
	}
	require.NoError(t, b.Close())
	assert.Len(t, f.docs, 60)
	assert.LessOrEqual(t, most, 2, "after refusals")
}

func TestRetryWaitsHaveFullJitter(t *testing.T) {
	r := elastic.Retry{Attempts: 9, Elapsed: time.Hour, Base: 100 * time.Millisecond, Max: time.Second}
	for attempt, ceiling := range map[int]time.Duration{2: 100 * time.Millisecond, 3: 200 * time.Millisecond, 5: 800 * time.Millisecond, 9: time.Second, 60: time.Second} {
		low, high := time.Hour, time.Duration(0)
		for range 1000 {
			p := r.Pause(attempt, 0)
			low, high = min(low, p), max(high, p)
		}
		assert.LessOrEqual(t, high, ceiling)
		assert.Greater(t, high, ceiling/2)
		assert.Less(t, low, ceiling/4)
	}
	assert.Equal(t, time.Second, r.Pause(2, time.Minute), "what a server asks for is kept within the limit")
}
