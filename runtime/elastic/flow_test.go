package elastic_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/elastic"
)

// pipes is a listener in memory: a simulated clock sees what waits on it.
type pipes struct {
	conns chan net.Conn
	once  sync.Once
	over  chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.over:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.over) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case p.conns <- far:
		return near, nil
	case <-p.over:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// flow runs a test on a simulated clock with a writer of the product's own
// waits. The fake is the server of its requests.
func flow(t *testing.T, o elastic.BulkOptions, test func(t *testing.T, f *fake, b *elastic.Bulk)) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{docs: map[string]string{}, flying: map[string]bool{}}
		p := &pipes{conns: make(chan net.Conn), over: make(chan struct{})}
		server := &http.Server{Handler: http.HandlerFunc(f.serve)}
		go func() { _ = server.Serve(p) }()
		defer func() {
			_ = server.Close()
			time.Sleep(time.Hour) // what it was about ends
		}()
		c, err := elastic.New(elastic.Config{URL: "http://elasticsearch", Dial: p.dial, Timeout: 4 * time.Minute, Log: (&logs{}).logger()})
		require.NoError(t, err)
		defer c.Close()
		b := c.Bulk("docs", o)
		test(t, f, b)
		_ = b.Close() // a test that wants it to succeed flushes
	})
}

func put(t *testing.T, b *elastic.Bulk, n int) {
	t.Helper()
	for i := range n {
		require.NoError(t, b.Put(t.Context(), "create", strconv.Itoa(i), fmt.Appendf(nil, `{"n":%d}`, i), ""))
	}
	require.NoError(t, b.Flush(t.Context()))
}

// For a minute every request is refused. Put waits, requests come ever more
// seldom, and nothing is dropped.
func TestBulkOutlastsAMinuteOfRefusals(t *testing.T) {
	flow(t, elastic.BulkOptions{MaxDocs: 100}, func(t *testing.T, f *fake, b *elastic.Bulk) {
		began, refusals := time.Now(), 0
		f.trouble = func(_ int, w http.ResponseWriter, r *http.Request, _ func() string) bool {
			if time.Since(began) > time.Minute {
				return false
			}
			f.mu.Lock()
			refusals++
			f.mu.Unlock()
			refuseRequest(w, r, http.StatusTooManyRequests, refused, busy)
			return true
		}
		put(t, b, 5000)
		assert.Len(t, f.docs, 5000)
		assert.Greater(t, time.Since(began), time.Minute)
		assert.Less(t, refusals, 2*20, "two flushers")
		assert.Equal(t, map[string]int64{"created": 5000, "retried": int64(refusals) * 100}, counted(b))
	})
}

// A server says how long it wants to rest, in seconds or by a date. Nobody
// disturbs it, and then it gets everything.
func TestBulkHonoursRetryAfter(t *testing.T) {
	for _, form := range []func(time.Duration) string{
		func(d time.Duration) string { return strconv.Itoa(int(d.Seconds())) },
		func(d time.Duration) string { return time.Now().Add(d).UTC().Format(http.TimeFormat) },
	} {
		flow(t, elastic.BulkOptions{MaxDocs: 100, Flushers: 4}, func(t *testing.T, f *fake, b *elastic.Bulk) {
			const rest = 77 * time.Second
			var mu sync.Mutex
			var until time.Time
			early := 0
			f.trouble = func(n int, w http.ResponseWriter, r *http.Request, do func() string) bool {
				mu.Lock()
				if n > 4 && time.Now().Before(until) { // four were under way
					early++
				}
				mu.Unlock()
				if n != 3 {
					return false
				}
				mu.Lock()
				until = time.Now().Add(rest)
				mu.Unlock()
				w.Header().Set("Retry-After", form(rest))
				refuseRequest(w, r, http.StatusServiceUnavailable, "", "")
				return true
			}
			put(t, b, 5000)
			assert.Zero(t, early)
			assert.Len(t, f.docs, 5000)
			assert.False(t, time.Now().Before(until))
		})
	}
}

// A server takes two requests at a time, then eight. The writer goes down to
// what it takes, and up again.
func TestBulkFollowsTheServer(t *testing.T) {
	flow(t, elastic.BulkOptions{MaxDocs: 50, Flushers: 8}, func(t *testing.T, f *fake, b *elastic.Bulk) {
		var mu sync.Mutex
		under, most, requests, refusals, capacity := 0, 0, 0, 0, 2
		f.trouble = func(_ int, w http.ResponseWriter, r *http.Request, do func() string) bool {
			mu.Lock()
			under++
			requests++
			over := under > capacity
			if over {
				refusals++
			} else {
				most = max(most, under)
			}
			mu.Unlock()
			time.Sleep(100 * time.Millisecond)
			mu.Lock()
			under--
			mu.Unlock()
			if over {
				refuseRequest(w, r, http.StatusTooManyRequests, refused, busy)
				return true
			}
			_, _ = io.WriteString(w, do())
			return true
		}
		put(t, b, 50*200)
		assert.Equal(t, 2, most)
		assert.Less(t, refusals, requests/2, "of requests, while the server took two at a time")
		capacity, most, requests, refusals = 8, 0, 0, 0
		for i := range 50 * 200 {
			require.NoError(t, b.Put(t.Context(), "index", strconv.Itoa(i), []byte(`{}`), ""))
		}
		require.NoError(t, b.Flush(t.Context()))
		assert.Equal(t, 8, most)
		assert.Zero(t, refusals)
		assert.EqualValues(t, 50*200, b.Counts()["created"])
	})
}

// However a server behaves, one Put waits for less than the half hour after which
// databases forget who reads. So a source that keeps its reader alive between
// documents needs no other help.
func TestPutWaitsForMinutesAtMost(t *testing.T) {
	servers := map[string]func(f *fake, w http.ResponseWriter, r *http.Request, do func() string){
		"refuses": func(_ *fake, w http.ResponseWriter, r *http.Request, _ func() string) {
			refuseRequest(w, r, http.StatusServiceUnavailable, "", "")
		},
		"wants to rest": func(_ *fake, w http.ResponseWriter, r *http.Request, _ func() string) {
			w.Header().Set("Retry-After", "86400")
			refuseRequest(w, r, http.StatusServiceUnavailable, "", "")
		},
		"does not answer": func(_ *fake, _ http.ResponseWriter, r *http.Request, _ func() string) {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		},
		"takes one document in minutes": func(f *fake, w http.ResponseWriter, _ *http.Request, do func() string) {
			time.Sleep(220 * time.Second)
			f.itemTrouble = func(_, i int, _, _ string) (int, string, string) {
				return map[bool]int{true: http.StatusTooManyRequests}[i > 0], refused, busy
			}
			_, _ = io.WriteString(w, do())
		},
	}
	for name, serve := range servers {
		t.Run(name, func(t *testing.T) {
			flow(t, elastic.BulkOptions{MaxDocs: 50, Flushers: 1}, func(t *testing.T, f *fake, b *elastic.Bulk) {
				f.trouble = func(_ int, w http.ResponseWriter, r *http.Request, do func() string) bool {
					serve(f, w, r, do)
					return true
				}
				var err error
				longest := time.Duration(0)
				for i := 0; err == nil; i++ {
					began := time.Now()
					err = b.Put(t.Context(), "create", strconv.Itoa(i), []byte(`{}`), "")
					longest = max(longest, time.Since(began))
				}
				assert.ErrorContains(t, err, "given up")
				assert.Greater(t, longest, time.Minute)
				assert.Less(t, longest, 25*time.Minute)
				t.Logf("the longest Put waited %s", longest.Round(time.Second))
			})
		})
	}
}
