package letters_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/letters"
)

const (
	ours, theirs           = "aaaaaaaa", "bbbbbbbb"
	earlier, noon, evening = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"
)

func marked(owner, hash, at string) string {
	return fmt.Sprintf(`{"n":1,"_fingerprint":"%s.%s","_timestamp":"%s"}`, owner, hash, at)
}

// between is a client below which something happens right before each request that writes documents, and may answer it: it reports whether it did.
func (w *world) between(happens func(request int, rw http.ResponseWriter, r *http.Request) bool) *elastic.Client {
	w.Helper()
	n, upstream := 0, w.client.Address()
	server := newServer(w.T, func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/"+w.index+"/_bulk" {
			if n++; happens(n, rw, r) {
				return
			}
		}
		forward(w.T, upstream, rw, r)
	})
	of, err := url.Parse(w.address)
	require.NoError(w, err)
	password, _ := of.User.Password()
	client, err := elastic.New(elastic.Config{URL: server, Username: of.User.Username(), Password: password})
	require.NoError(w, err)
	w.Cleanup(client.Close)
	return client
}

// TestReplayBesideAWriter has somebody who writes the document between the look at it and the write.
func TestReplayBesideAWriter(t *testing.T) {
	cases := map[string]struct {
		stored string // at the look; empty is nothing
		writes string // in between
		times  int
		want   letters.Outcome
		print  string
		says   string
	}{
		"a sync creates it":                  {"", marked(ours, "newest", evening), 1, letters.Superseded, ours + ".newest", ""},
		"a sync creates the same":            {"", marked(ours, "new", noon), 1, letters.Delivered, ours + ".new", ""},
		"a sync replaces it":                 {marked(ours, "old", earlier), marked(ours, "newest", evening), 1, letters.Superseded, ours + ".newest", ""},
		"a sync replaces it, times say less": {marked(ours, "old", earlier), marked(ours, "newest", noon), 1, letters.Superseded, ours + ".newest", ""},
		"somebody else creates it":           {"", marked(theirs, "x", earlier), 1, letters.Refused, theirs + ".x", "another owner"},
		"a user edits it":                    {marked(ours, "old", earlier), marked(ours, "old", earlier), 1, letters.Delivered, ours + ".new", ""},
		"a user edits it all the time":       {marked(ours, "old", earlier), marked(ours, "old", earlier), 100, letters.Refused, ours + ".old", "keeps changing"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if c.stored != "" {
				w.index_("doc", c.stored)
			}
			w.keep(connector.Rejection{ID: "doc", Action: "index", Class: connector.ClassMapping, Reason: "r", Source: []byte(marked(ours, "new", noon))})
			w.store.Client = w.between(func(request int, _ http.ResponseWriter, _ *http.Request) bool {
				if request <= c.times {
					w.index_("doc", c.writes)
				}
				return false
			})
			require.Equal(t, map[letters.Outcome]int{c.want: 1}, w.replay())
			require.Equal(t, c.print, w.stored("doc")["_fingerprint"])
			left := w.letters()["doc"]
			require.Equal(t, c.want == letters.Refused, left != nil)
			if left != nil {
				require.Contains(t, left.Reason, c.says)
				require.Equal(t, 2, left.Attempts)
			}
		})
	}
}

// TestReplayLeavesALetterThatASyncHasWrittenMeanwhile delivers an older one of the same document.
func TestReplayLeavesALetterThatASyncHasWrittenMeanwhile(t *testing.T) {
	for _, place := range []letters.Place{letters.InIndex, letters.InFile} {
		w := newWorld(t)
		index := w.store.Index
		if place == letters.InFile {
			w.store.Index = ""
		}
		letter := func(reason string) {
			w.keep(connector.Rejection{ID: "doc", Action: "index", Class: connector.ClassMapping, Reason: reason, Source: []byte(marked(ours, "new", noon))})
		}
		letter("old")
		w.store.Index = index
		direct := w.client
		w.store.Client = w.between(func(int, http.ResponseWriter, *http.Request) bool {
			through := w.store
			w.store.Client = direct
			if place == letters.InFile {
				w.store.Index = ""
			}
			letter("newer")
			w.store = through
			return false
		})
		require.Equal(t, map[letters.Outcome]int{letters.Delivered: 1}, w.replay())
		require.Contains(t, w.letters(), "doc", place)
		require.Equal(t, "newer", w.letters()["doc"].Reason, place)
	}
}

// TestReplayThroughTrouble has answers that are lost, refusals for the moment, and requests that are too large.
func TestReplayThroughTrouble(t *testing.T) {
	w := newWorld(t)
	var list []connector.Rejection
	for i := range 10 {
		list = append(list, connector.Rejection{
			ID: fmt.Sprint("doc-", i), Action: "create", Class: connector.ClassMapping, Reason: "r", Source: []byte(marked(ours, fmt.Sprint("new", i), noon)),
		})
	}
	w.keep(list...)
	requests := 0
	w.store.Client = w.between(func(request int, rw http.ResponseWriter, r *http.Request) bool {
		requests = request
		rw.Header().Set("X-Elastic-Product", "Elasticsearch")
		body, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(string(body))), int64(len(body))
		switch lines := strings.Count(string(body), "\n") / 2; {
		case lines > 3:
			rw.WriteHeader(http.StatusRequestEntityTooLarge)
			return true
		case request == 4: // it is carried out
			forward(t, w.client.Address(), discarded{http.Header{}}, r)
			rw.WriteHeader(http.StatusBadGateway)
			return true
		case request == 6:
			items := strings.Repeat(`,{"create":{"_id":"x","status":429,"error":{"type":"es_rejected_execution_exception","reason":"busy"}}}`, lines)
			_, _ = io.WriteString(rw, `{"errors":true,"items":[`+items[1:]+`]}`)
			return true
		}
		return false
	})
	require.Equal(t, map[letters.Outcome]int{letters.Delivered: 10}, w.replay())
	require.Empty(t, w.letters())
	require.Greater(t, requests, 7)
	require.Equal(t, ours+".new7", w.stored("doc-7")["_fingerprint"])
}

// discarded is an answer that nobody gets.
type discarded struct{ header http.Header }

func (d discarded) Header() http.Header       { return d.header }
func (discarded) Write(p []byte) (int, error) { return len(p), nil }
func (discarded) WriteHeader(int)             {}

// TestReplayMakesNoIndex has an index that was deleted.
func TestReplayMakesNoIndex(t *testing.T) {
	w := newWorld(t)
	w.keep(connector.Rejection{ID: "doc", Action: "create", Class: connector.ClassMapping, Reason: "r", Source: []byte(marked(ours, "new", noon))})
	require.NoError(t, w.client.Index(w.index).Delete(t.Context()))
	err := w.store.Replay(t.Context(), letters.Query{Connector: "con"}, func(*letters.Letter, letters.Outcome) error { return nil })
	require.ErrorContains(t, err, "does not exist")
	there, err := w.client.Index(w.index).Exists(t.Context())
	require.NoError(t, err)
	require.False(t, there)
	require.Contains(t, w.letters(), "doc")
}
