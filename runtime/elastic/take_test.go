package elastic_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/elastic"
)

// What is given to the writer arrives as what is put: large or not, with room
// behind it or without, refused or not, in parts or not.
func TestTakeIsPut(t *testing.T) {
	large := "{\"t\":\"" + strings.Repeat("x", 5000) + "\",\n\"n\":1}"
	for _, action := range []string{"create", "index", "update"} {
		for _, source := range []string{"{\n}", large} {
			for _, room := range []int{0, 10, 1000} {
				name := fmt.Sprintf("%s of %d bytes, room %d", action, len(source), room)
				require.Equal(t, sent(t, action, source, -1), sent(t, action, source, room), name)
			}
		}
	}
}

// sent is what a server got of a document between others, refused once, whose
// memory has so much room; without room (-1) it is put.
func sent(t *testing.T, action, source string, room int) map[string]string {
	f := newFake(t)
	f.itemTrouble = func(n, _ int, _, id string) (int, string, string) {
		if n < 3 && id == "a\"b" {
			return http.StatusTooManyRequests, "es_rejected_execution_exception", "busy"
		}
		return 0, "", ""
	}
	b := f.bulk(t, elastic.BulkOptions{MaxBytes: 2000, Flushers: 1})
	f.docs["a\"b"] = ""
	if action == "create" {
		delete(f.docs, "a\"b")
	}
	for i := range 30 {
		require.NoError(t, b.Put(t.Context(), "create", fmt.Sprint(i), []byte(`{}`), ""))
		switch {
		case i != 10:
		case room < 0:
			require.NoError(t, b.Put(t.Context(), action, "a\"b", []byte(source), ""))
		default:
			memory := append(make([]byte, 0, len(source)+room), source...)
			require.NoError(t, b.Take(t.Context(), action, "a\"b", memory, ""))
		}
	}
	require.NoError(t, b.Flush(t.Context()))
	require.Zero(t, f.overlaps)
	return f.docs
}

// A rejected document is reported as it was given.
func TestTakeReportsWhatWasGiven(t *testing.T) {
	f, r := newFake(t), &report{}
	f.itemTrouble = func(int, int, string, string) (int, string, string) {
		return http.StatusBadRequest, "document_parsing_exception", "no"
	}
	b := f.bulk(t, elastic.BulkOptions{MaxBytes: 2000, Report: r})
	source := `{"t":"` + strings.Repeat("x", 5000) + `"}`
	require.NoError(t, b.Take(t.Context(), "update", "a", append(make([]byte, 0, 6000), source...), ""))
	require.NoError(t, b.Flush(t.Context()))
	require.Equal(t, map[string]string{"a": "update " + source}, r.source)
}

// A large document that is given away is in memory once.
func TestTakeCopiesNothing(t *testing.T) {
	const size = 16 << 20
	f := newFake(t)
	f.trouble = func(_ int, w http.ResponseWriter, r *http.Request, _ func() string) bool {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{"errors":false,"items":[{"create":{"_id":"a","status":201,"result":"created"}}]}`)
		return true
	}
	b := f.bulk(t, elastic.BulkOptions{})
	source := append(append(append(make([]byte, 0, size+1000), `{"t":"`...), bytes.Repeat([]byte("x"), size)...), `"}`...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	require.NoError(t, b.Take(t.Context(), "create", "a", source, ""))
	require.NoError(t, b.Flush(t.Context()))
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(size/4))
	require.Equal(t, map[string]int64{"created": 1}, counted(b))
}
