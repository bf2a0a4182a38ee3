package elastic_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
)

// requestRow is an answer to the first requests as a whole, and what that means
// for three documents that are created.
type requestRow struct {
	line     string
	status   int
	kind     string
	reason   string
	times    int // 0 is always
	counts   tally
	says     string // of the error that ends the sync
	requests int
}

func requestRows() []requestRow {
	again := tally{"created": 3, "retried": 6}
	return []requestRow{
		{line: request429, status: 429, times: 2, counts: again, requests: 3},
		{line: request429, status: 429, kind: refused, reason: busy, times: 2, counts: again, requests: 3},
		{line: request429, status: 429, counts: tally{"retried": 21}, says: "given up after 8 attempts", requests: 8},
		{line: request429, status: 429, kind: block, reason: "disk usage exceeded flood-stage watermark", counts: tally{}, says: "free space", requests: 1},
		{line: request413, status: 413, times: 1, counts: tally{"created": 3, "retried": 3}, requests: 4},
		{line: request413, status: 413, counts: tally{"failed": 3, "retried": 3}, requests: 4},
		{line: request413, status: 429, kind: refused, reason: tooMuch, times: 1, counts: tally{"created": 3, "retried": 3}, requests: 4},
		{line: requestLost, status: 408, times: 2, counts: again, requests: 3},
		{line: requestLost, status: 500, times: 2, counts: again, requests: 3},
		{line: requestLost, status: 502, times: 2, counts: again, requests: 3},
		{line: requestLost, status: 503, times: 2, counts: again, requests: 3},
		{line: requestLost, status: 503, kind: block, reason: "state not recovered", times: 2, counts: again, requests: 3},
		{line: requestLost, status: 504, times: 2, counts: again, requests: 3},
		{line: requestLost, status: 503, counts: tally{"retried": 21}, says: "3 documents and 93 bytes given up after 8 attempts", requests: 8},
		{line: requestLost, status: 500, kind: block, reason: "blocked", counts: tally{}, says: "lift the block", requests: 1},
		{line: requestLost, status: 504, kind: block, reason: "blocked", counts: tally{}, says: "lift the block", requests: 1},
		{line: itemPoison, status: 400, kind: "x_content_parse_exception", reason: "[UpdateRequest] failed to parse field [doc]", times: 1, counts: tally{"created": 3, "retried": 3}, requests: 3},
		{line: requestKeys, status: 400, kind: illegal, reason: "Malformed action/metadata line [1]", counts: tally{}, says: "Malformed action", requests: 1},
		{line: requestKeys, status: 401, kind: "security_exception", reason: "unable to authenticate", counts: tally{}, says: "check elasticsearch.api_key", requests: 1},
		{line: requestKeys, status: 403, kind: "security_exception", reason: "action is unauthorized, this action is granted by the index privileges [create,index,write,all]", counts: tally{}, says: "one of the privileges create, index, write, all", requests: 1},
		{line: requestKeys, status: 404, kind: "index_not_found_exception", reason: "no such index [docs]", counts: tally{}, says: "no such index", requests: 1},
		{line: requestKeys, status: 407, counts: tally{}, says: "proxy wants a user", requests: 1},
		{line: requestKeys, status: 301, counts: tally{}, says: "redirects", requests: 1},
	}
}

// refuseRequest is an answer that says no to a whole request.
func refuseRequest(w http.ResponseWriter, r *http.Request, status int, kind, reason string) {
	_, _ = io.Copy(io.Discard, r.Body)
	if kind == "" {
		w.Header().Del("X-Elastic-Product") // as a proxy, or Elasticsearch before it has read the request
	}
	w.WriteHeader(status)
	if kind != "" {
		_, _ = fmt.Fprintf(w, `{"error":{"type":%q,"reason":%q},"status":%d}`, kind, reason, status)
	}
}

// TestDecisionsOnRequests walks the rows of the table that are about requests.
func TestDecisionsOnRequests(t *testing.T) {
	used := map[int]bool{}
	rules := 0
	for _, row := range requestRows() {
		var n int
		n, rules = elastic.RequestRule(row.status, row.kind, row.reason)
		used[n] = true
		t.Run(fmt.Sprint(row.line, "/", row.status, row.kind, row.times), func(t *testing.T) {
			f, r := newFake(t), &report{}
			f.trouble = func(n int, w http.ResponseWriter, r *http.Request, _ func() string) bool {
				if row.times > 0 && n > row.times {
					return false
				}
				refuseRequest(w, r, row.status, row.kind, row.reason)
				return true
			}
			b := f.bulk(t, elastic.BulkOptions{Flushers: 1, Report: r})
			err := writes(t, b, "")
			if row.says == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, row.says)
			}
			assert.Equal(t, row.counts, counted(b))
			assert.Equal(t, row.requests, f.bulks, "requests")
			assert.EqualValues(t, row.counts["created"], len(f.docs))
			assert.EqualValues(t, row.counts["failed"], len(r.failed))
		})
	}
	for n := range rules {
		assert.True(t, used[n], "no row for rule %d of requests", n)
	}
}

// TestDecisionTableIsComplete holds the rows against the lines of the table.
func TestDecisionTableIsComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, row := range itemRows() {
		seen[row.line] = true
	}
	for _, row := range requestRows() {
		seen[row.line] = true
	}
	for _, line := range []string{request429, request413, requestLost, requestKeys, itemDone, itemGone, itemRace, item429, itemPoison, item5xx} {
		assert.True(t, seen[line], line)
	}
	// itemExternal can't come up: no request names an external version
	f := newFake(t)
	f.trouble = func(_ int, w http.ResponseWriter, r *http.Request, _ func() string) bool {
		body, _ := io.ReadAll(r.Body)
		assert.NotContains(t, string(body), `"version`, itemExternal)
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		return false
	}
	b := f.bulk(t, elastic.BulkOptions{})
	for _, action := range []string{"create", "index", "update", "delete"} {
		require.NoError(t, writes(t, b, action))
	}
}

// TestBulkHalvesWhatIsTooLarge has a server that takes 8,000 bytes at once.
func TestBulkHalvesWhatIsTooLarge(t *testing.T) {
	const limit, small = 8000, 400
	var mu sync.Mutex
	var sizes []int64
	f, r := newFake(t), &report{}
	f.trouble = func(_ int, w http.ResponseWriter, r *http.Request, _ func() string) bool {
		mu.Lock()
		sizes = append(sizes, r.ContentLength)
		mu.Unlock()
		if r.ContentLength > limit {
			refuseRequest(w, r, http.StatusRequestEntityTooLarge, "", "")
			return true
		}
		return false
	}
	b := f.bulk(t, elastic.BulkOptions{MaxBytes: 60_000, Flushers: 1, Report: r})
	for i := range small {
		text := strings.Repeat("x", 300)
		if i == 150 {
			text = strings.Repeat("x", limit)
		}
		require.NoError(t, b.Put(t.Context(), "create", fmt.Sprint(i), fmt.Appendf(nil, `{"t":%q}`, text), ""))
	}
	require.NoError(t, b.Close())
	assert.Len(t, f.docs, small-1)
	assert.NotContains(t, f.docs, "150")
	counts := counted(b)
	assert.EqualValues(t, small-1, counts["created"])
	assert.EqualValues(t, 1, counts["failed"])
	assert.Equal(t, map[string]connector.Class{"150": connector.ClassTooLarge}, r.class)
	assert.Contains(t, r.failed["150"], "http.max_content_length")
	refusals, after := 0, 0
	for i, size := range sizes {
		if size > limit {
			refusals++
		}
		if i > len(sizes)/2 && size > limit {
			after++
		}
	}
	assert.LessOrEqual(t, refusals, 12, "requests that were too large")
	assert.Zero(t, after, "later requests are smaller")
	assert.Greater(t, len(sizes), small*330/limit, "and no larger than the server takes")
	assert.Less(t, len(sizes), 3*small*330/limit, "and not much smaller")
}

// TestBulkFindsTheDocumentThatSpoilsARequest has a server that can't read one.
func TestBulkFindsTheDocumentThatSpoilsARequest(t *testing.T) {
	f, r := newFake(t), &report{}
	f.trouble = func(_ int, w http.ResponseWriter, r *http.Request, _ func() string) bool {
		body, _ := io.ReadAll(r.Body)
		if strings.Contains(string(body), "poison") {
			refuseRequest(w, r, http.StatusBadRequest, "x_content_parse_exception", "[1:9] [UpdateRequest] failed to parse field [doc]")
			return true
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		return false
	}
	b := f.bulk(t, elastic.BulkOptions{Flushers: 1, Report: r})
	for i := range 100 {
		source := `{"t":"wholesome"}`
		if i == 37 {
			source = `{"t":"poison"}`
		}
		require.NoError(t, b.Put(t.Context(), "create", fmt.Sprint(i), []byte(source), ""))
	}
	require.NoError(t, b.Close())
	assert.Len(t, f.docs, 99)
	assert.Equal(t, map[string]connector.Class{"37": connector.ClassMapping}, r.class)
}
