package faults_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/tools/faults/proxy"
)

// strike makes something happen to the server before a document is emitted.
func (w *world) strike(at int, method, path, body string) {
	w.shelf.before = func(_ context.Context, now int) error {
		if now != at {
			return nil
		}
		status, answer, err := w.server.send(method, path, body)
		if err == nil && status >= 300 {
			err = errors.New(string(answer))
		}
		return err
	}
}

// indexTrouble is F14: somebody deletes the index, blocks it or moves its alias
// in the middle of a sync. The run stops and says what happened.
func indexTrouble(t *testing.T, x *trial) {
	t.Run("deleted", func(t *testing.T) { indexDeleted(t, x) })
	for block, words := range map[string]string{
		"write": "lift the block", "read_only": "lift the block", "read_only_allow_delete": "a disk of the cluster is nearly full",
	} {
		t.Run("block "+block, func(t *testing.T) { indexBlocked(t, x, block, words) })
	}
	t.Run("alias moved", func(t *testing.T) { aliasMoved(t, x) })
	t.Run("alias removed", func(t *testing.T) { aliasRemoved(t, x) })
}

func indexDeleted(t *testing.T, x *trial) {
	w := x.world(t, 400)
	w.settings.Elasticsearch.Bulk.MaxConcurrency = 1 // one request after the other
	w.filled(t)
	mapping := w.mapping(t, w.index)
	w.shelf.put(numbers(0, 400)...)
	var failed error
	var requests atomic.Int64
	w.proxy.Answer(func(r *http.Request) *proxy.Answer {
		if !proxy.IsBulk(r) || requests.Add(1) != 3 {
			return nil
		}
		return &proxy.Answer{Edit: func(status int, body []byte) (int, []byte) {
			_, _, failed = w.server.send("DELETE", "/"+w.index, "")
			time.Sleep(1100 * time.Millisecond) // the writer looks at the index once a second
			return status, body
		}}
	})
	o := w.run(t)
	require.NoError(t, failed)
	w.refused(t, o, w.index, "it was deleted during the sync", "run the sync again")
	o.deletesNothing(t)
	status, _ := w.server.try(t, "GET", "/"+w.index, "")
	require.Equal(t, http.StatusNotFound, status, "no index came into being")
	require.EqualValues(t, 400, w.heal(t).Created)
	require.JSONEq(t, mapping, w.mapping(t, w.index), "the mapping is the runtime's, not a guess")
}

// mapping is that of an index.
func (w *world) mapping(t *testing.T, index string) string {
	t.Helper()
	var answer map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(w.server.ask(t, "GET", "/"+index+"/_mapping", ""), &answer))
	require.Contains(t, answer, index)
	return string(answer[index])
}

func numbers(from, to int) (list []int) {
	for n := from; n < to; n++ {
		list = append(list, n)
	}
	return list
}

func indexBlocked(t *testing.T, x *trial, block, words string) {
	w := x.world(t, 400)
	w.filled(t)
	w.shelf.put(numbers(0, 400)...)
	w.shelf.drop(399)
	w.strike(200, "PUT", "/"+w.index+"/_settings", fmt.Sprintf(`{"index.blocks.%s":true}`, block))
	o := w.run(t)
	w.refused(t, o, "cluster_block_exception", words)
	o.deletesNothing(t)
	require.Less(t, len(bulks(o.requests)), 16, "it stops instead of trying again and again")
	w.shelf.before = nil
	w.server.ask(t, "PUT", "/"+w.index+"/_settings", fmt.Sprintf(`{"index.blocks.%s":null}`, block))
	require.EqualValues(t, 1, w.heal(t).Deleted)
}

// aliased makes the world's index an alias of one of two indices.
func (w *world) aliased(t *testing.T) (one, two string) {
	t.Helper()
	one, two = w.index+"-1", w.index+"-2"
	for _, index := range []string{one, two} {
		w.server.ask(t, "PUT", "/"+index, "")
		t.Cleanup(func() { w.server.try(t, "DELETE", "/"+index, "") })
	}
	w.server.ask(t, "POST", "/_aliases", fmt.Sprintf(`{"actions":[{"add":{"index":%q,"alias":%q}}]}`, one, w.index))
	return one, two
}

func aliasMoved(t *testing.T, x *trial) {
	w := x.world(t, 400)
	one, two := w.aliased(t)
	w.filled(t)
	old := w.server.stored(t, one)
	w.shelf.put(400)
	w.shelf.drop(1, 2, 3)
	w.strike(200, "POST", "/_aliases", fmt.Sprintf(
		`{"actions":[{"remove":{"index":%q,"alias":%q}},{"add":{"index":%q,"alias":%q}}]}`, one, w.index, two, w.index))
	o := w.run(t)
	w.refused(t, o, "its alias moved", "run the sync again")
	o.deletesNothing(t)
	require.Equal(t, old, w.server.stored(t, one), "the index that the alias has left is as it was")
	w.shelf.before = nil
	w.heal(t)
	require.Len(t, w.server.stored(t, two), 398)
}

func aliasRemoved(t *testing.T, x *trial) {
	w := x.world(t, 400)
	one, _ := w.aliased(t)
	w.filled(t)
	w.shelf.put(numbers(0, 400)...)
	w.strike(200, "POST", "/_aliases", fmt.Sprintf(`{"actions":[{"remove":{"index":%q,"alias":%q}}]}`, one, w.index))
	o := w.run(t)
	w.refused(t, o, w.index)
	o.deletesNothing(t)
	status, _ := w.server.try(t, "GET", "/"+w.index, "")
	require.Equal(t, http.StatusNotFound, status, "no index came into being in the alias's place")
	w.shelf.before = nil
	w.server.ask(t, "POST", "/_aliases", fmt.Sprintf(`{"actions":[{"add":{"index":%q,"alias":%q}}]}`, one, w.index))
	w.heal(t)
}
