package faults_test

import (
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/tools/faults/proxy"
)

// cutAnswers is F8: answers break off after their headers, in the middle of
// their JSON and one byte before its end. The server has carried the requests
// out, so what is sent again meets its own documents.
func cutAnswers(t *testing.T, x *trial) {
	for name, cut := range map[string]int{"after headers": -1, "first byte": 1, "mid JSON": 700, "last byte": 1 << 30} {
		t.Run(name, func(t *testing.T) {
			w := x.world(t, 200)
			var bulks, others atomic.Int64
			w.proxy.Answer(func(r *http.Request) *proxy.Answer {
				n := &others
				if proxy.IsBulk(r) {
					n = &bulks
				}
				if n.Add(1)%2 == 1 {
					return proxy.Cut(cut)
				}
				return nil
			})
			o := w.run(t)
			require.NoError(t, o.err, "answers that break off are asked for again")
			require.Greater(t, bulks.Load(), int64(4))
			w.check(t, o)
			require.EqualValues(t, 200, o.Created)

			w.shelf.put(3, 4, 200)
			w.shelf.drop(7, 8, 9)
			o = w.run(t)
			require.NoError(t, o.err)
			w.check(t, o)
			require.EqualValues(t, []int64{1, 2, 3, 197 - 2}, []int64{o.Created, o.Updated, o.Deleted, o.Unchanged})
			w.heal(t)
		})
	}
}
