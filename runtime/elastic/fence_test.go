package elastic_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/elastic"
)

var errShut = errors.New("the lease is lost")

// lease is a fence that a test shuts.
type lease struct {
	mu      sync.Mutex
	shut    bool
	deletes []bool // what it was asked, without repetitions
}

func (l *lease) fence(deletes bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.shut {
		return errShut
	}
	if n := len(l.deletes); n == 0 || l.deletes[n-1] != deletes {
		l.deletes = append(l.deletes, deletes)
	}
	return nil
}

func (l *lease) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shut = true
}

// TestFenceStopsEveryWriter fills several flushers, shuts the fence while
// requests are under way, and counts what comes to the server after that.
func TestFenceStopsEveryWriter(t *testing.T) {
	f, l := newFake(t), &lease{}
	var after atomic.Int64
	f.trouble = func(n int, w http.ResponseWriter, _ *http.Request, do func() string) bool {
		l.mu.Lock()
		if l.shut {
			after.Add(1)
		}
		l.mu.Unlock()
		answer := do()
		if n == 5 {
			l.end()
		}
		_, _ = io.WriteString(w, answer)
		return true
	}
	b := f.bulk(t, elastic.BulkOptions{MaxDocs: 10, Flushers: 3, Fence: l.fence})
	var err error
	for i := 0; err == nil; i++ {
		err = b.Put(t.Context(), "index", fmt.Sprint(i), []byte(`{}`), "")
	}
	require.ErrorIs(t, err, errShut)
	require.ErrorIs(t, b.Flush(t.Context()), errShut)
	require.ErrorIs(t, b.Close(), errShut)
	// the two requests that the other flushers had under way may come late
	assert.LessOrEqual(t, after.Load(), int64(2))
}

// TestFenceStopsARepetition shuts the fence while a request is refused for the
// moment, and breaks a connection after it was carried out.
func TestFenceStopsARepetition(t *testing.T) {
	for name, trouble := range map[string]func(http.ResponseWriter, *http.Request, func() string){
		"429": status(429),
		"503": status(503),
		"a reset": func(w http.ResponseWriter, _ *http.Request, do func() string) {
			do()
			reset(w)
		},
		"a refused item": instead(func(string) string {
			return `{"errors":true,"items":[{"index":{"_id":"a","status":429,"error":{"type":"es_rejected_execution_exception"}}}]}`
		}),
	} {
		t.Run(name, func(t *testing.T) {
			f, l := newFake(t), &lease{}
			f.trouble = first(100, func(w http.ResponseWriter, r *http.Request, do func() string) {
				l.end()
				trouble(w, r, do)
			})
			b := f.bulk(t, elastic.BulkOptions{Fence: l.fence})
			require.NoError(t, b.Put(t.Context(), "index", "a", []byte(`{}`), ""))
			require.ErrorIs(t, b.Flush(t.Context()), errShut)
			require.ErrorIs(t, b.Close(), errShut)
			assert.Equal(t, 1, f.bulks, "requests")
		})
	}
}

// TestFenceBreaksARequestOff shuts the fence while the body is on its way, as
// for a process that was stopped meanwhile. The server must not carry it out.
func TestFenceBreaksARequestOff(t *testing.T) {
	for _, compress := range []bool{false, true} {
		f := newFake(t)
		var asked atomic.Int64
		fence := func(bool) error {
			if asked.Add(1) > 3 { // once before, and for two parts of many
				return errShut
			}
			return nil
		}
		complete := make(chan bool, 10)
		f.trouble = func(_ int, _ http.ResponseWriter, r *http.Request, _ func() string) bool {
			_, err := io.ReadAll(r.Body)
			complete <- err == nil
			return false
		}
		c, err := elastic.New(elastic.Config{URL: f.URL, Compress: compress, Log: (&logs{}).logger()})
		require.NoError(t, err)
		t.Cleanup(c.Close)
		b := c.Bulk("docs", elastic.BulkOptions{Fence: fence, Flushers: 1, MaxBytes: 1 << 20})
		text := make([]byte, 0, 900<<10)
		for i := 0; len(text) < 890<<10; i++ {
			text = fmt.Appendf(text, "%x", i*2654435761) // does not compress well
		}
		require.NoError(t, b.Put(t.Context(), "index", "a", fmt.Appendf(nil, `{"t":%q}`, text), ""))
		require.ErrorIs(t, b.Flush(t.Context()), errShut)
		require.ErrorIs(t, b.Close(), errShut)
		select {
		case whole := <-complete:
			assert.False(t, whole, "the server got the whole request")
		default: // it got nothing at all
		}
		assert.Empty(t, f.docs)
	}
}

func TestFenceIsToldOfDeletions(t *testing.T) {
	f, l := newFake(t), &lease{}
	f.docs["gone"] = `{}`
	b := f.bulk(t, elastic.BulkOptions{Fence: l.fence, Flushers: 1})
	for range 2 {
		require.NoError(t, b.Put(t.Context(), "index", "a", []byte(`{}`), ""))
		require.NoError(t, b.Flush(t.Context()))
		require.NoError(t, b.Put(t.Context(), "index", "b", []byte(`{}`), ""))
		require.NoError(t, b.Delete(t.Context(), "gone", 1, 1))
		require.NoError(t, b.Flush(t.Context()))
	}
	require.Equal(t, []bool{false, true, false, true}, l.deletes)
}
