package faults_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/tools/faults/proxy"
)

// bulks are the _bulk requests of a log.
func bulks(requests []proxy.Request) (list []proxy.Request) {
	for _, q := range requests {
		if strings.HasSuffix(q.Path, "/_bulk") {
			list = append(list, q)
		}
	}
	return list
}

const unauthorized = "action [indices:data/write/bulk[s]] is unauthorized for API key id [x] of user [elastic] on indices [i], " +
	"this action is granted by the index privileges [create_doc,create,delete,index,write,all]"

// revokedKeys is F15: the key is revoked, or loses a privilege, in the middle of
// a sync. The run stops at once: neither helps to try again.
func revokedKeys(t *testing.T, x *trial) {
	t.Run("401", func(t *testing.T) { keyRevoked(t, x) })
	t.Run("403", func(t *testing.T) {
		privilegeLost(t, x, func(*http.Request) *proxy.Answer { return proxy.Refuse(403, "security_exception", unauthorized) })
	})
	t.Run("403 of items", func(t *testing.T) {
		privilegeLost(t, x, func(r *http.Request) *proxy.Answer {
			return proxy.RefuseItems(readAll(r), func(i proxy.Item) (int, string, string) { return 403, "security_exception", unauthorized })
		})
	})
}

// keyRevoked revokes the key by the server's own command where there is security.
func keyRevoked(t *testing.T, x *trial) {
	w := x.world(t, 400)
	w.filled(t)
	w.shelf.put(numbers(0, 400)...)
	w.shelf.drop(1)
	if w.server.genuine { // the one of the tests has no security
		w.shelf.before = w.from(200, func(*http.Request) *proxy.Answer {
			return proxy.Refuse(401, "security_exception", "unable to authenticate with provided credentials")
		})
	} else {
		w.strike(200, "DELETE", "/_security/api_key", `{"name":"trial"}`)
	}
	o := w.run(t)
	w.refused(t, o, "401", "check elasticsearch.api_key")
	w.stoppedFast(t, o)
	w.shelf.before = nil
	w.key = w.server.key(t)
	w.secrets = append(w.secrets, w.key)
	require.EqualValues(t, 1, w.heal(t).Deleted)
}

// from makes the proxy answer requests of _bulk from a document on.
func (w *world) from(at int, answer func(*http.Request) *proxy.Answer) func(context.Context, int) error {
	return func(_ context.Context, now int) error {
		if now == at {
			w.proxy.Answer(func(r *http.Request) *proxy.Answer {
				if proxy.IsBulk(r) {
					return answer(r)
				}
				return nil
			})
		}
		return nil
	}
}

func privilegeLost(t *testing.T, x *trial, answer func(*http.Request) *proxy.Answer) {
	w := x.world(t, 400)
	w.filled(t)
	w.shelf.put(numbers(0, 400)...)
	w.shelf.drop(1)
	w.shelf.before = w.from(200, answer)
	o := w.run(t)
	w.refused(t, o, "403", "give the API key or user one of the privileges create_doc, create, delete, index, write, all")
	w.stoppedFast(t, o)
	w.shelf.before = nil
	require.EqualValues(t, 1, w.heal(t).Deleted)
}

// stoppedFast asserts that a run neither went on nor tried again: each of the
// two flushers had one more request under way, and the end waits for what was
// collected with another one.
func (w *world) stoppedFast(t *testing.T, o outcome) {
	t.Helper()
	o.deletesNothing(t)
	refused := 0
	for _, q := range bulks(o.requests) {
		var answer struct{ Errors bool }
		if q.Status >= 400 || q.Passed == nil && json.Unmarshal(q.Reply, &answer) == nil {
			refused++
		}
	}
	require.LessOrEqual(t, refused, 2*w.settings.Elasticsearch.Bulk.MaxConcurrency, "requests after the key was lost")
	require.Less(t, o.emitted, int64(400), "the source is not read to its end")
}
