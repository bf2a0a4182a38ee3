package elastic_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/elastic"
)

// fake is a server with one index "docs" that can be made to misbehave.
type fake struct {
	*httptest.Server
	mu       sync.Mutex
	docs     map[string]string
	bulks    int
	flying   map[string]bool // ids of requests under way
	overlaps int             // ids that were in two requests at once

	// trouble, when set, answers bulk request n (from 1) itself and returns
	// true; do carries the request out and returns the right answer.
	trouble func(n int, w http.ResponseWriter, r *http.Request, do func() string) bool
	// itemTrouble, when set, refuses item i of bulk request n with a status
	// and a type, unless the status is 0.
	itemTrouble func(n, i int, action, id string) (status int, kind, reason string)
}

func newFake(t testing.TB) *fake {
	f := &fake{docs: map[string]string{}, flying: map[string]bool{}}
	f.Server = httptest.NewUnstartedServer(http.HandlerFunc(f.serve))
	f.Config.ErrorLog = nil
	f.Start()
	t.Cleanup(func() {
		f.CloseClientConnections()
		f.Close()
	})
	return f
}

// bulk returns a writer to the server with short waits.
func (f *fake) bulk(t testing.TB, o elastic.BulkOptions) *elastic.Bulk {
	t.Helper()
	c, err := elastic.New(elastic.Config{URL: f.URL, Log: (&logs{}).logger(), Timeout: 5 * time.Second})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	if o.Retry == (elastic.Retry{}) {
		o.Retry = elastic.Retry{Attempts: 8, Elapsed: time.Minute, Base: time.Millisecond, Max: 5 * time.Millisecond}
	}
	b := c.Bulk("docs", o)
	t.Cleanup(func() { _ = b.Close() })
	return b
}

func (f *fake) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	w.Header().Set("Content-Type", "application/json")
	switch {
	case r.URL.Path == "/docs":
		_, _ = io.WriteString(w, `{"docs":{"aliases":{},"settings":{"index":{"uuid":"u"}}}}`)
	case strings.HasSuffix(r.URL.Path, "/_bulk"):
		f.serveBulk(w, r)
	case strings.HasSuffix(r.URL.Path, "/_mget"):
		f.serveMget(w, r)
	default:
		w.WriteHeader(http.StatusBadRequest)
	}
}

func (f *fake) serveBulk(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.bulks++
	n := f.bulks
	f.mu.Unlock()
	do := func() string {
		body, err := readBody(r)
		if err != nil {
			return ""
		}
		return f.carryOut(n, body)
	}
	if f.trouble != nil && f.trouble(n, w, r, do) {
		return
	}
	_, _ = io.WriteString(w, do())
}

func readBody(r *http.Request) ([]byte, error) {
	from := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(from)
		if err != nil {
			return nil, err
		}
		from = z
	}
	return io.ReadAll(from)
}

type bulkAction map[string]struct {
	ID    string `json:"_id"`
	SeqNo *int64 `json:"if_seq_no"`
}

func (f *fake) carryOut(n int, body []byte) string {
	lines := bufio.NewScanner(bytes.NewReader(body))
	lines.Buffer(nil, 64<<20)
	var items, ids []string
	errors := false
	for i := 0; lines.Scan(); i++ {
		var a bulkAction
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			return err.Error()
		}
		for action, meta := range a {
			source := ""
			if action != "delete" {
				lines.Scan()
				source = lines.Text()
			}
			ids = append(ids, meta.ID)
			f.fly(meta.ID)
			status, text := f.item(n, i, action, meta.ID, source)
			errors = errors || status > 299
			items = append(items, fmt.Sprintf(`{%q:{"_id":%q,%s"status":%d}}`, action, meta.ID, text, status))
		}
	}
	time.Sleep(time.Millisecond)
	f.land(ids)
	return fmt.Sprintf(`{"errors":%t,"items":[%s]}`, errors, strings.Join(items, ","))
}

func (f *fake) fly(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.flying[id] = true
}

func (f *fake) land(ids []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	seen := map[string]bool{}
	for _, id := range ids {
		if !f.flying[id] && !seen[id] {
			f.overlaps++
		}
		seen[id] = true
		delete(f.flying, id)
	}
}

func refusal(kind, reason string) string {
	return fmt.Sprintf(`"error":{"type":%q,"reason":%q},`, kind, reason)
}

func (f *fake) item(n, i int, action, id, source string) (status int, text string) {
	if f.itemTrouble != nil {
		if status, kind, reason := f.itemTrouble(n, i, action, id); status != 0 {
			return status, refusal(kind, reason)
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	_, there := f.docs[id]
	switch {
	case action == "create" && there:
		return 409, refusal("version_conflict_engine_exception", "["+id+"]: version conflict, document already exists (current version [1])")
	case action == "update" && !there:
		return 404, refusal("document_missing_exception", "["+id+"]: document missing")
	case action == "delete" && !there:
		return 409, refusal("version_conflict_engine_exception", "["+id+"]: version conflict, required seqNo [1], primary term [1]. but no document was found")
	case action == "delete":
		delete(f.docs, id)
		return 200, `"result":"deleted",`
	}
	f.docs[id] = source
	if there {
		return 200, `"result":"updated",`
	}
	return 201, `"result":"created",`
}

func (f *fake) serveMget(w http.ResponseWriter, r *http.Request) {
	var ask struct{ IDs []string }
	_ = json.NewDecoder(r.Body).Decode(&ask)
	f.mu.Lock()
	defer f.mu.Unlock()
	var docs []map[string]any
	for _, id := range ask.IDs {
		_, found := f.docs[id]
		docs = append(docs, map[string]any{"_id": id, "found": found})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"docs": docs})
}

// reset breaks a connection, so that the client sees a reset.
func reset(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
