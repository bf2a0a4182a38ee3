package faults_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/tools/faults/proxy"
)

// brokenConnections is F9: connections are reset or closed in the middle of
// requests and of answers. Some of them cost nothing but time; when all are, the
// run ends with a sentence, and what it wrote stays.
func brokenConnections(t *testing.T, x *trial) {
	toxics := map[string]proxy.Toxic{
		"request reset":  proxy.ResetPeer(3000).Only(proxy.Upstream),
		"request cut":    proxy.LimitData(3000).Only(proxy.Upstream),
		"answer reset":   proxy.ResetPeer(1000).Only(proxy.Downstream),
		"answer cut":     proxy.LimitData(1000).Only(proxy.Downstream),
		"both, anywhere": proxy.ResetPeer(20_000),
	}
	for name, toxic := range toxics {
		t.Run(name, func(t *testing.T) {
			w := x.world(t, 200)
			w.proxy.Set(toxic.Times(6))
			o := w.run(t)
			require.NoError(t, o.err, "a connection that breaks is no error")
			w.check(t, o)

			w.shelf.drop(1, 2, 3)
			w.shelf.put(numbers(5, 201)...)
			w.proxy.Set(toxic)
			o = w.run(t)
			w.refused(t, o, "the connection broke", "see the server's log")
			o = w.heal(t)
			require.Equal(t, o.Emitted, o.Unchanged+o.Created+o.Updated)
		})
	}
	t.Run("nobody there", func(t *testing.T) { nobodyThere(t, x) })
}

func nobodyThere(t *testing.T, x *trial) {
	w := x.world(t, 200)
	w.filled(t)
	w.shelf.drop(1, 2, 3)
	w.shelf.put(5)
	w.proxy.Set(proxy.Down())
	o := w.run(t)
	w.refused(t, o, "connection")
	o.deletesNothing(t)
	require.EqualValues(t, 3, w.heal(t).Deleted)
}

// sliced is F11: everything arrives in pieces of 1 to 7 bytes, in both
// directions.
func sliced(t *testing.T, x *trial) {
	w := x.world(t, 150)
	w.proxy.Set(proxy.Slice())
	w.filled(t)
	w.shelf.drop(1, 2, 3)
	w.shelf.put(5, 6, 401)
	o := w.run(t)
	w.check(t, o)
	require.EqualValues(t, []int64{1, 2, 3}, []int64{o.Created, o.Updated, o.Deleted})
	require.EqualValues(t, 148, w.heal(t).Unchanged)
}
