package elastic_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/elastictest"
)

const (
	connectors = ".elastic-connectors"
	syncJobs   = ".elastic-connectors-sync-jobs"
)

func statusOf(err error) int {
	var e interface{ HTTPStatus() int }
	if errors.As(err, &e) {
		return e.HTTPStatus()
	}
	return 0
}

// documents is a server without the indices of the protocol.
func documents(t *testing.T) (server, *elastic.Documents) {
	s := connect(t, connectors+"-v1", syncJobs+"-v1")
	return s, s.Documents()
}

func TestDocuments(t *testing.T) {
	_, d := documents(t)
	ctx := t.Context()
	require.NoError(t, d.Ensure(ctx))
	for _, id := range []string{"plain", "a/b", "ü %2F?#&", "-x"} {
		stored, seqNo, term, err := d.Create(ctx, connectors, id, []byte(`{"name":"a","n":1.50}`))
		require.NoError(t, err, id)
		require.Equal(t, id, stored)
		_, _, _, err = d.Create(ctx, connectors, id, []byte(`{}`))
		require.Equal(t, http.StatusConflict, statusOf(err), id)

		next, nextTerm, err := d.Replace(ctx, connectors, id, []byte(`{"name":"<b>","n":2.50}`), seqNo, term, true)
		require.NoError(t, err, id)
		require.Greater(t, next, seqNo)
		_, _, err = d.Replace(ctx, connectors, id, []byte(`{}`), seqNo, term, true)
		require.Equal(t, http.StatusConflict, statusOf(err), id)
		raw, gotSeqNo, gotTerm, err := d.Get(ctx, connectors, id)
		require.NoError(t, err, id)
		require.Equal(t, `{"name":"<b>","n":2.50}`, string(raw))
		require.Equal(t, []int64{next, nextTerm}, []int64{gotSeqNo, gotTerm})

		require.Equal(t, http.StatusConflict, statusOf(d.Delete(ctx, connectors, id, seqNo, term)), id)
		require.NoError(t, d.Delete(ctx, connectors, id, next, nextTerm), id)
		require.Equal(t, http.StatusNotFound, statusOf(d.Delete(ctx, connectors, id, -1, 0)), id)
		_, _, _, err = d.Get(ctx, connectors, id)
		require.Equal(t, http.StatusNotFound, statusOf(err), id)
		_, _, err = d.Replace(ctx, connectors, id, []byte(`{}`), next, nextTerm, true)
		require.Equal(t, http.StatusConflict, statusOf(err), "%s is gone", id)
	}
}

func TestDocumentsWithNewIDs(t *testing.T) {
	_, d := documents(t)
	require.NoError(t, d.Ensure(t.Context()))
	ids := map[string]bool{}
	for range 3 {
		id, seqNo, _, err := d.Create(t.Context(), connectors, "", []byte(`{"service_type":"notes"}`))
		require.NoError(t, err)
		require.Regexp(t, `^[a-z0-9]{20,}$`, id)
		require.GreaterOrEqual(t, seqNo, int64(0))
		ids[id] = true
	}
	require.Len(t, ids, 3)
	total, err := d.Search(t.Context(), connectors, []byte(`{"query":{"term":{"service_type":"notes"}},"seq_no_primary_term":true,"size":2,"track_total_hits":true}`),
		func(id string, source []byte, _, term int64) error {
			require.True(t, ids[id])
			require.JSONEq(t, `{"service_type":"notes"}`, string(source))
			require.Positive(t, term)
			return nil
		})
	require.NoError(t, err)
	require.EqualValues(t, 3, total, "searches see what was made")
	stop := errors.New("enough")
	_, err = d.Search(t.Context(), connectors, []byte(`{"seq_no_primary_term":true}`), func(string, []byte, int64, int64) error { return stop })
	require.ErrorIs(t, err, stop)
}

func TestTouch(t *testing.T) {
	_, d := documents(t)
	require.NoError(t, d.Ensure(t.Context()))
	for _, id := range []string{"a", "b\"\\"} {
		_, _, _, err := d.Create(t.Context(), connectors, id, []byte(`{"name":"n"}`))
		require.NoError(t, err)
	}
	missing, err := d.Touch(t.Context(), connectors, []string{"a", "gone", "b\"\\"}, []byte(`{"last_seen":"2026-03-01T10:00:00Z"}`))
	require.NoError(t, err)
	require.Equal(t, []string{"gone"}, missing)
	raw, _, _, err := d.Get(t.Context(), connectors, "b\"\\")
	require.NoError(t, err)
	require.JSONEq(t, `{"name":"n","last_seen":"2026-03-01T10:00:00Z"}`, string(raw))
	_, err = d.Touch(t.Context(), connectors, []string{"a"}, []byte(`{"last_seen":"not a date"}`))
	require.Equal(t, http.StatusBadRequest, statusOf(err))
}

// Without its indices everything is empty, and the first document makes them.
func TestDocumentsWithoutIndices(t *testing.T) {
	s, d := documents(t)
	total, err := d.Search(t.Context(), connectors, []byte(`{"seq_no_primary_term":true}`), nil)
	require.NoError(t, err)
	require.Zero(t, total)
	_, _, _, err = d.Get(t.Context(), connectors, "a")
	require.Equal(t, http.StatusNotFound, statusOf(err))
	_, _, err = d.Replace(t.Context(), connectors, "a", []byte(`{}`), 1, 1, true)
	require.Equal(t, http.StatusNotFound, statusOf(err))
	missing, err := d.Touch(t.Context(), connectors, []string{"a"}, []byte(`{"name":"n"}`))
	require.NoError(t, err)
	require.Equal(t, []string{"a"}, missing)
	status, _ := s.raw(t, "GET", "/"+connectors, "")
	require.Equal(t, http.StatusNotFound, status, "nothing made an index of the alias's name")
	_, _, _, err = d.Create(t.Context(), connectors, "a", []byte(`{"name":"n"}`))
	require.NoError(t, err)
	require.Contains(t, s.must(t, "GET", "/"+connectors, ""), `"`+connectors+`-v1"`)
}

// Many services make the indices at once; one that somebody made without its
// alias gets it.
func TestEnsure(t *testing.T) {
	for name, before := range map[string]string{"absent": "", "without alias": connectors + "-v1"} {
		t.Run(name, func(t *testing.T) {
			s, d := documents(t)
			if before != "" {
				s.must(t, "PUT", "/"+before, "")
			}
			var group sync.WaitGroup
			for range 6 {
				group.Go(func() {
					if err := d.Ensure(t.Context()); err != nil {
						t.Errorf("ensure: %v", err)
					}
				})
			}
			group.Wait()
			for _, alias := range []string{connectors, syncJobs} {
				var state map[string]struct{ Aliases map[string]json.RawMessage }
				require.NoError(t, json.Unmarshal([]byte(s.must(t, "GET", "/"+alias, "")), &state))
				require.Contains(t, state[alias+"-v1"].Aliases, alias)
			}
		})
	}
}

// On a server that keeps the indices to itself.
func TestDocumentsOf91(t *testing.T) {
	c, err := elastic.New(elastic.Config{URL: elastictest.Server91(t).URL})
	require.NoError(t, err)
	defer c.Close()
	d := c.Documents()
	require.NoError(t, d.Ensure(t.Context()))
	require.NoError(t, d.Ensure(t.Context()))
	for _, index := range []string{connectors, syncJobs} {
		id, seqNo, term, err := d.Create(t.Context(), index, "", []byte(`{"status":"pending"}`))
		require.NoError(t, err)
		_, _, err = d.Replace(t.Context(), index, id, []byte(`{"status":"canceled"}`), seqNo, term, false)
		require.NoError(t, err)
		_, err = d.Touch(t.Context(), index, []string{id}, []byte(`{"last_seen":"2026-03-01T10:00:00Z"}`))
		require.NoError(t, err)
		require.NoError(t, d.Delete(t.Context(), index, id, -1, 0))
	}
}

// asked is a server that notes requests and answers by the test's function.
func asked(t *testing.T, answer func(r *http.Request) (int, string)) (*elastic.Documents, *[]string) {
	t.Helper()
	var mu sync.Mutex
	var list []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		list = append(list, r.Method+" "+r.URL.Path+" "+r.Header.Get("X-elastic-product-origin"))
		mu.Unlock()
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		status, text := answer(r)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(text))
	}))
	t.Cleanup(server.Close)
	c, err := elastic.New(elastic.Config{URL: server.URL})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c.Documents(), &list
}

// The Connector API is asked once; a refusal to make a system index means that
// the server makes it. Every request says where it comes from.
func TestEnsureAsksTheAPI(t *testing.T) {
	d, list := asked(t, func(r *http.Request) (int, string) {
		switch {
		case r.Method == "GET" && r.URL.Path == "/_connector":
			return 200, `{"count":0,"results":[]}`
		case r.Method == "PUT":
			return 400, `{"error":{"type":"illegal_argument_exception","reason":"Cannot explicitly create system index [.elastic-connectors-v1]"},"status":400}`
		}
		return 404, `{"error":{"type":"index_not_found_exception","reason":"no such index"},"status":404}`
	})
	require.NoError(t, d.Ensure(t.Context()))
	require.Equal(t, []string{
		"GET /.elastic-connectors connectors", "GET /_connector connectors", "GET /.elastic-connectors connectors",
		"PUT /.elastic-connectors-v1 connectors",
		"GET /.elastic-connectors-sync-jobs connectors", "PUT /.elastic-connectors-sync-jobs-v1 connectors",
	}, *list)
}

func TestEnsureWithoutPrivilege(t *testing.T) {
	d, _ := asked(t, func(r *http.Request) (int, string) {
		if r.Method == "GET" {
			return 404, `{"error":{"type":"index_not_found_exception","reason":"no such index"},"status":404}`
		}
		return 403, `{"error":{"type":"security_exception","reason":"action [indices:admin/create] is unauthorized, ` +
			`this action is granted by the index privileges [create_index,manage,all]"},"status":403}`
	})
	err := d.Ensure(t.Context())
	require.Equal(t, http.StatusForbidden, statusOf(err))
	require.ErrorContains(t, err, "make sure of index .elastic-connectors: ")
	require.ErrorContains(t, err, "give the API key or user one of the privileges create_index, manage, all")
}

// An index that somebody's write made in the alias's place is told.
func TestEnsureFindsAnIndexInPlaceOfTheAlias(t *testing.T) {
	d, _ := asked(t, func(*http.Request) (int, string) { return 200, `{"` + connectors + `":{"aliases":{}}}` })
	require.ErrorContains(t, d.Ensure(t.Context()), "it is an index where an alias should be")
}

// What may not be read is not what is not there: Elasticsearch hides such an
// index from those who let it leave out what it lacks.
func TestSearchWithoutPrivilege(t *testing.T) {
	d, _ := asked(t, func(r *http.Request) (int, string) {
		if r.URL.Query().Has("ignore_unavailable") {
			return 200, `{"timed_out":false,"_shards":{"total":0,"failed":0},"hits":{"total":{"value":0},"hits":[]}}`
		}
		return 403, `{"error":{"type":"security_exception","reason":"action [indices:data/read/search] is unauthorized for API key id [k], this action is granted by the index privileges [read,all]"},"status":403}`
	})
	_, err := d.Search(t.Context(), connectors, []byte(`{}`), nil)
	require.Equal(t, http.StatusForbidden, statusOf(err))
	require.ErrorContains(t, err, "give the API key or user one of the privileges read, all")
}

// Answers that no Elasticsearch gives are errors, not zeros.
func TestDocumentsOddAnswers(t *testing.T) {
	answers := ""
	d, _ := asked(t, func(*http.Request) (int, string) { return 200, answers })
	for _, answers = range []string{`{}`, `not json`, `{"hits":{"hits":[{"_id":"a","_source":{}}]},"items":[]}`} {
		_, _, _, err := d.Get(t.Context(), connectors, "a")
		require.ErrorContains(t, err, "a proxy may have changed it", answers)
		_, _, err = d.Replace(t.Context(), connectors, "a", []byte(`{}`), 1, 1, false)
		require.ErrorContains(t, err, "a proxy may have changed it", answers)
		_, err = d.Touch(t.Context(), connectors, []string{"a"}, []byte(`{}`))
		require.ErrorContains(t, err, "a proxy may have changed it", answers)
		if strings.Contains(answers, "hits") {
			_, err = d.Search(t.Context(), connectors, []byte(`{}`), nil)
			require.ErrorContains(t, err, "a proxy may have changed it", answers)
		}
	}
	answers = `{"timed_out":true}`
	_, err := d.Search(t.Context(), connectors, []byte(`{}`), nil)
	require.ErrorContains(t, err, "timed out")
	answers = `{"_seq_no":1,"_primary_term":1}`
	_, _, _, err = d.Get(t.Context(), connectors, "a")
	require.ErrorContains(t, err, "has no _source")
}
