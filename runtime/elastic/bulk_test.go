package elastic_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
)

func TestBulkCountsWhatElasticsearchDid(t *testing.T) {
	const name = "elastic-bulk"
	s := connect(t, name)
	s.must(t, "PUT", "/"+name, `{"mappings":{"dynamic":"strict","properties":{"n":{"type":"long"},"t":{"type":"keyword"}}}}`)
	ctx, r := t.Context(), &report{}
	b := s.Bulk(name, elastic.BulkOptions{Report: r})
	put := func(action, id, source, tally string) {
		require.NoError(t, b.Put(ctx, action, id, []byte(source), tally))
	}
	put("create", "a", `{"n":1,"t":"x"}`, "")
	put("create", "b", "{\n\"n\": 2\n}", "")
	put("create", "c", `{"n":3}`, "mine")
	require.NoError(t, b.Flush(ctx))
	assert.Equal(t, map[string]int64{"created": 2, "mine": 1}, counted(b))

	put("index", "a", `{"n":10,"t":"x"}`, "")
	put("update", "a", `{"n":11}`, "")
	put("update", "b", `{"n":2}`, "")           // noop
	put("update", "none", `{"n":2}`, "")        // missing
	put("create", "c", `{"n":4}`, "")           // exists
	put("create", "d", `{"n":"no number"}`, "") // does not fit
	put("index", "e", `{"other":1}`, "mine")    // strict
	put("index", `f"é`, `{"n":6}`, "mine")
	require.NoError(t, b.Flush(ctx))
	assert.Equal(t, map[string]int64{"created": 2, "mine": 2, "updated": 2, "noop": 1, "failed": 4}, counted(b))
	assert.Equal(t, "appeared in the index during the sync", r.failed["c"])
	assert.Contains(t, r.failed["d"], "document_parsing_exception: ")
	assert.NotContains(t, r.failed["d"], "no number")
	assert.Contains(t, r.failed["e"], "strict_dynamic_mapping_exception: ")
	assert.Contains(t, r.failed["none"], "document_missing_exception")
	assert.Equal(t, map[string]connector.Class{
		"c": connector.ClassConflict, "d": connector.ClassMapping, "e": connector.ClassMapping, "none": connector.ClassMissing,
	}, r.class)
	assert.Equal(t, map[string]string{
		"c": `create {"n":4}`, "d": `create {"n":"no number"}`, "e": `index {"other":1}`, "none": `update {"n":2}`,
	}, r.source)
	assert.Equal(t, 7, r.good)
	assert.Equal(t, map[string]any{"n": 11.0, "t": "x"}, source(t, s, "/"+name+"/_doc/a"))

	stored := scan(t, s.Index(name))
	a, b2 := stored["a"], stored["b"]
	require.NoError(t, b.Delete(ctx, "a", a.seqNo, a.primaryTerm))
	require.NoError(t, b.Delete(ctx, "b", b2.seqNo+1000, b2.primaryTerm))
	require.NoError(t, b.Delete(ctx, "gone", 5, 1))
	require.NoError(t, b.Flush(ctx))
	assert.Equal(t, map[string]int64{
		"created": 2, "mine": 2, "updated": 2, "noop": 1, "failed": 4, "deleted": 1, "conflict": 1, "not_found": 1,
	}, counted(b))
	require.NoError(t, b.Close())
	assert.Len(t, scan(t, s.Index(name)), 3)
	require.ErrorIs(t, b.Put(ctx, "create", "z", nil, ""), elastic.ErrClosed)
}

func TestBulkKeepsTheOrderOfAnID(t *testing.T) {
	const name, ids, rounds = "elastic-order", 50, 40
	s := connect(t, name)
	s.must(t, "PUT", "/"+name, `{}`)
	b := s.Bulk(name, elastic.BulkOptions{MaxDocs: 7, Flushers: 3})
	var all sync.WaitGroup
	for id := range ids {
		all.Go(func() {
			for round := range rounds {
				assert.NoError(t, b.Put(t.Context(), "index", fmt.Sprint(id), fmt.Appendf(nil, `{"round":%d}`, round), "sent"))
			}
		})
	}
	all.Wait()
	require.NoError(t, b.Close())
	assert.EqualValues(t, ids*rounds, b.Counts()["sent"])
	for id := range ids {
		require.EqualValues(t, rounds-1, source(t, s, fmt.Sprintf("/%s/_doc/%d", name, id))["round"], id)
	}
}

func TestBulkSendsLargeDocumentsAlone(t *testing.T) {
	const name = "elastic-large"
	s := connect(t, name)
	s.must(t, "PUT", "/"+name, `{"mappings":{"dynamic":false}}`)
	b := s.Bulk(name, elastic.BulkOptions{MaxBytes: 2000, Flushers: 1})
	for i := range 10 {
		text := strings.Repeat("x", 100+i%2*20_000)
		require.NoError(t, b.Put(t.Context(), "create", fmt.Sprint(i), fmt.Appendf(nil, `{"t":%q}`, text), ""))
	}
	require.NoError(t, b.Close())
	assert.Equal(t, map[string]int64{"created": 10}, counted(b))
	assert.EqualValues(t, 10, b.Counts()["requests"])
}

func TestBulkCompresses(t *testing.T) {
	const name = "elastic-gzip"
	s := connect(t, name)
	s.must(t, "PUT", "/"+name, `{}`)
	c, err := elastic.New(elastic.Config{URL: s.url, Compress: true})
	require.NoError(t, err)
	defer c.Close()
	b := c.Bulk(name, elastic.BulkOptions{MaxDocs: 100})
	for i := range 1000 {
		require.NoError(t, b.Put(t.Context(), "create", fmt.Sprint(i), []byte(`{"a":"the same text again and again and again"}`), ""))
	}
	require.NoError(t, b.Close())
	assert.Equal(t, map[string]int64{"created": 1000}, counted(b))
	assert.Less(t, b.Counts()["bytes"], int64(20_000))
}

func TestBulkEndsTheSyncWhenTheReportSaysSo(t *testing.T) {
	const name = "elastic-report"
	s := connect(t, name)
	s.must(t, "PUT", "/"+name, `{"mappings":{"properties":{"n":{"type":"long"}}}}`)
	r := &report{fail: errors.New("too many")}
	b := s.Bulk(name, elastic.BulkOptions{Report: r})
	require.NoError(t, b.Put(t.Context(), "create", "a", []byte(`{"n":"x"}`), ""))
	require.NoError(t, b.Put(t.Context(), "create", "b", []byte(`{"n":1}`), ""))
	require.ErrorIs(t, b.Flush(t.Context()), r.fail)
	require.ErrorIs(t, b.Close(), r.fail)
	assert.Len(t, r.failed, 1)
}

func TestBulkNoticesAnIndexThatWasReplaced(t *testing.T) {
	const name = "elastic-replaced"
	s := connect(t, name)
	s.must(t, "PUT", "/"+name, `{}`)
	b := s.Bulk(name, elastic.BulkOptions{})
	require.NoError(t, b.Put(t.Context(), "create", "a", []byte(`{}`), ""))
	require.NoError(t, b.Flush(t.Context()))
	require.NoError(t, s.Index(name).Delete(context.Background()))
	require.NoError(t, b.Put(t.Context(), "create", "b", []byte(`{}`), ""))
	require.ErrorContains(t, b.Flush(t.Context()), "run the sync again")
	require.Error(t, b.Close())
}

func TestBulkDoesNotBringBackAnAlias(t *testing.T) {
	const name = "elastic-unaliased"
	s := connect(t, name, "elastic-was-alias")
	s.must(t, "PUT", "/"+name, `{"aliases":{"elastic-was-alias":{}}}`)
	b := s.Bulk("elastic-was-alias", elastic.BulkOptions{})
	require.NoError(t, b.Put(t.Context(), "create", "a", []byte(`{}`), ""))
	require.NoError(t, b.Flush(t.Context()))
	s.must(t, "DELETE", "/"+name, "")
	require.NoError(t, b.Put(t.Context(), "create", "b", []byte(`{}`), ""))
	require.ErrorContains(t, b.Flush(t.Context()), "deleted during the sync")
	require.Error(t, b.Close())
	there, err := s.Index("elastic-was-alias").Exists(t.Context())
	require.NoError(t, err)
	assert.False(t, there)
}

func TestSearch(t *testing.T) {
	const name = "elastic-search"
	s := connect(t, name)
	s.must(t, "PUT", "/"+name, `{}`)
	b := s.Bulk(name, elastic.BulkOptions{})
	for i, text := range []string{"a river runs through it", "the delta of a river", "no water here"} {
		source, err := json.Marshal(map[string]any{"title": fmt.Sprint("page ", i), "body": text, "n": i})
		require.NoError(t, err)
		require.NoError(t, b.Put(t.Context(), "create", fmt.Sprint(i), source, ""))
	}
	require.NoError(t, b.Close())
	require.NoError(t, s.Index(name).Refresh(t.Context()))
	found, err := s.Search(t.Context(), name, elastic.MatchText("delta river", 5, 1))
	require.NoError(t, err)
	require.EqualValues(t, 2, found.Total)
	require.Len(t, found.Hits, 2)
	assert.Equal(t, "1", found.Hits[0].ID)
	assert.Equal(t, []string{"the <em>delta</em> of a <em>river</em>"}, found.Hits[0].Highlights["body"])
	assert.JSONEq(t, `{"title":"page 1","n":1}`, string(found.Hits[0].Source))
}

// Elasticsearch refuses to highlight texts of more than a million characters.
func TestSearchFindsLongTexts(t *testing.T) {
	const name = "elastic-search-long"
	s := connect(t, name)
	s.must(t, "PUT", "/"+name, `{}`)
	b := s.Bulk(name, elastic.BulkOptions{})
	source, err := json.Marshal(map[string]any{"body": "a river " + strings.Repeat("and more water ", 80_000)})
	require.NoError(t, err)
	require.NoError(t, b.Put(t.Context(), "create", "long", source, ""))
	require.NoError(t, b.Close())
	require.NoError(t, s.Index(name).Refresh(t.Context()))
	found, err := s.Search(t.Context(), name, elastic.MatchText("river", 5, 1))
	require.NoError(t, err)
	require.Len(t, found.Hits, 1)
	assert.Contains(t, found.Hits[0].Highlights["body"][0], "<em>river</em>")
}

func TestPrivilegesWithoutSecurity(t *testing.T) {
	s := connect(t)
	missing, err := s.Privileges(t.Context(), "elastic-any", "elastic-failed")
	require.NoError(t, err)
	assert.Empty(t, missing)
}
