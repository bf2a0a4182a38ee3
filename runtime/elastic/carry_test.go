package elastic_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/elastic"
)

// patient waits long where it waits: what takes that long has waited.
func patient() elastic.Retry {
	return elastic.Retry{Attempts: 20, Elapsed: time.Minute, Base: 20 * time.Millisecond, Max: 20 * time.Millisecond}
}

// Three of ten items are refused, over and over. They go out with the documents
// that came meanwhile, in requests that are full.
func TestBulkSendsRefusedItemsWithNewOnes(t *testing.T) {
	const n, most = 5000, 100
	f := newFake(t)
	var mu sync.Mutex
	items, chance := map[int]int{}, rand.New(rand.NewPCG(1, 2))
	f.itemTrouble = func(request, _ int, _, _ string) (int, string, string) {
		mu.Lock()
		defer mu.Unlock()
		items[request]++
		if chance.IntN(10) < 3 {
			return http.StatusTooManyRequests, refused, busy
		}
		return 0, "", ""
	}
	b := f.bulk(t, elastic.BulkOptions{MaxDocs: most, Retry: patient()})
	for i := range n {
		require.NoError(t, b.Put(t.Context(), "create", fmt.Sprint(i), fmt.Appendf(nil, `{"n":%d}`, i), ""))
	}
	require.NoError(t, b.Close())
	assert.Len(t, f.docs, n)
	counts := counted(b)
	assert.EqualValues(t, n, counts["created"])
	sent, full := 0, 0
	for _, n := range items {
		assert.LessOrEqual(t, n, most)
		sent += n
		if n >= most*9/10 {
			full++
		}
	}
	assert.EqualValues(t, sent-n, counts["retried"])
	assert.Less(t, sent, n*16/10, "an item is sent 1.43 times on the average")
	assert.Greater(t, full, len(items)/2, "requests that are full")
}

// Documents of few ids, refused at random and out of step: of each the last
// version stays, and every one is counted.
func TestBulkKeepsTheOrderOfAnIDThroughRefusals(t *testing.T) {
	const ids, versions = 40, 60
	for seed := range uint64(8) {
		f := newFake(t)
		var mu sync.Mutex
		chance := rand.New(rand.NewPCG(seed, 7))
		f.itemTrouble = func(request, _ int, _, _ string) (int, string, string) {
			mu.Lock()
			defer mu.Unlock()
			if chance.IntN(100) < 20+int(seed)*8 {
				return []int{429, 429, 503}[chance.IntN(3)], refused, busy
			}
			return 0, "", ""
		}
		b := f.bulk(t, elastic.BulkOptions{
			MaxDocs: 30, MaxBytes: 1500, Flushers: 3, Retry: elastic.Retry{Attempts: 50, Elapsed: time.Minute, Base: 1, Max: 1},
		})
		for version := range versions {
			for id := range ids {
				require.NoError(t, b.Put(t.Context(), "index", fmt.Sprint(id), fmt.Appendf(nil, `{"v":%d}`, version), "sent"))
			}
			if version%17 == 0 {
				require.NoError(t, b.Flush(t.Context()))
				for id := range ids {
					require.Equal(t, fmt.Sprintf(`{"v":%d}`, version), f.docs[fmt.Sprint(id)], "after a flush")
				}
			}
		}
		require.NoError(t, b.Close())
		for id := range ids {
			require.Equal(t, fmt.Sprintf(`{"v":%d}`, versions-1), f.docs[fmt.Sprint(id)])
		}
		require.EqualValues(t, ids*versions, b.Counts()["sent"])
		require.Zero(t, f.overlaps)
	}
}

// One item that is refused for good ends the sync, though all others are taken.
func TestBulkGivesUpAnItemInTime(t *testing.T) {
	f := newFake(t)
	f.itemTrouble = func(_, _ int, _, id string) (int, string, string) {
		if id == "0" {
			return http.StatusServiceUnavailable, "unavailable_shards_exception", "primary shard is not active"
		}
		return 0, "", ""
	}
	b := f.bulk(t, elastic.BulkOptions{
		MaxDocs: 10, Flushers: 1, Retry: elastic.Retry{Attempts: 1000, Elapsed: 300 * time.Millisecond, Base: 1, Max: 1},
	})
	var err error
	for i := 0; err == nil; i++ {
		err = b.Put(t.Context(), "create", fmt.Sprint(i), []byte(`{}`), "")
	}
	require.ErrorContains(t, err, "primary shard is not active")
	assert.NotContains(t, f.docs, "0")
	assert.EqualValues(t, len(f.docs), b.Counts()["created"])
}
