package elastic_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/elastic"
)

const print0 = "0a1b2c3d.AAAAAAAAAAAAAAAAAAAAAA"

func TestPrepareMakesEveryIndexReady(t *testing.T) {
	tests := []struct {
		name    string
		body    string // of the index; empty: absent
		created bool
		warns   bool
	}{
		{name: "absent", created: true},
		{name: "dynamic", body: `{}`},
		{name: "with documents", body: `{"mappings":{"properties":{"title":{"type":"text"}}}}`},
		{name: "dynamic false", body: `{"mappings":{"dynamic":false}}`},
		{name: "strict", body: `{"mappings":{"dynamic":"strict","properties":{"title":{"type":"text"}}}}`},
		{name: "prepared before", body: `{"mappings":{"properties":{"_fingerprint":{"type":"keyword","index":false}}}}`},
		{name: "other type", body: `{"mappings":{"properties":{"_fingerprint":{"type":"text"}}}}`, warns: true},
		{name: "no doc values", body: `{"mappings":{"properties":{"_fingerprint":{"type":"keyword","doc_values":false}}}}`, warns: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			const name = "elastic-prepare"
			s := connect(t, name)
			if test.body != "" {
				s.must(t, "PUT", "/"+name, test.body)
			}
			x := s.Index(name)
			for range 2 {
				created, err := x.Prepare(t.Context(), nil)
				require.NoError(t, err)
				assert.Equal(t, test.created, created)
				test.created = false
			}
			assert.Equal(t, test.warns, strings.Count(s.logs.String(), "read from _source") == 1, s.logs)
			s.must(t, "PUT", "/"+name+"/_doc/a", `{"_fingerprint":"`+print0+`"}`)
			assert.Equal(t, print0, scan(t, x)["a"].print)
		})
	}
}

func TestPrepareAddsFieldsThatTheMappingLacks(t *testing.T) {
	const name = "elastic-fields"
	s := connect(t, name)
	s.must(t, "PUT", "/"+name, `{"mappings":{"dynamic":"strict","properties":{
		"price":{"type":"keyword"},"owner":{"properties":{"id":{"type":"long"}}}}}}`)
	created, err := s.Index(name).Prepare(t.Context(), map[string]string{
		"price": "double", "amount": "double", "owner.id": "keyword", "owner.name": "keyword"})
	require.NoError(t, err)
	assert.False(t, created)
	mapping := s.must(t, "GET", "/"+name+"/_mapping", "")
	for _, part := range []string{`"price":{"type":"keyword"}`, `"amount":{"type":"double"}`, `"id":{"type":"long"}`, `"name":{"type":"keyword"}`} {
		assert.Contains(t, mapping, part)
	}
}

func TestPrepareLeavesTemplatesTheirSay(t *testing.T) {
	const name = "elastic-template-made"
	s := connect(t, name)
	s.must(t, "PUT", "/_index_template/elastic-template", `{"index_patterns":["elastic-template-*"],
		"template":{"mappings":{"dynamic":"strict","properties":{"title":{"type":"text"}}}}}`)
	t.Cleanup(func() { s.raw(t, "DELETE", "/_index_template/elastic-template", "") })
	created, err := s.Index(name).Prepare(t.Context(), map[string]string{"size": "long"})
	require.NoError(t, err)
	assert.True(t, created)
	mapping := s.must(t, "GET", "/"+name+"/_mapping", "")
	for _, part := range []string{`"dynamic":"strict"`, `"title":{"type":"text"}`, `"size":{"type":"long"}`, `"_fingerprint"`} {
		assert.Contains(t, mapping, part)
	}
}

func TestAliasLeadsToItsWriteIndex(t *testing.T) {
	s := connect(t, "elastic-alias-1", "elastic-alias-2")
	s.must(t, "PUT", "/elastic-alias-1", `{"aliases":{"elastic-alias":{}}}`)
	x := s.Index("elastic-alias")
	_, err := x.Prepare(t.Context(), nil)
	require.NoError(t, err)
	b := s.Bulk("elastic-alias", elastic.BulkOptions{})
	require.NoError(t, b.Put(t.Context(), "create", "a", []byte(`{"_fingerprint":"`+print0+`"}`), ""))
	require.NoError(t, b.Close())
	assert.Equal(t, int64(1), b.Counts()["created"])
	assert.Equal(t, print0, scan(t, x)["a"].print)
	assert.Contains(t, s.must(t, "GET", "/elastic-alias-1/_doc/a", ""), `"found":true`)

	s.must(t, "PUT", "/elastic-alias-2", `{"aliases":{"elastic-alias":{}}}`)
	_, err = x.Prepare(t.Context(), nil)
	require.ErrorContains(t, err, "set is_write_index on one of them")
}

func TestScanShowsEveryDocumentOnce(t *testing.T) {
	const name, n = "elastic-scan", 23_456
	s := connect(t, name)
	x := s.Index(name)
	_, err := x.Prepare(t.Context(), nil)
	require.NoError(t, err)
	assert.Empty(t, scan(t, x), "an empty index")
	b := s.Bulk(name, elastic.BulkOptions{})
	want := map[string]string{}
	for i := range n {
		id := fmt.Sprintf(`%d "quoted" \ ünï <&> 🐟`, i)
		body := `{}`
		if i%3 > 0 {
			want[id] = fmt.Sprintf("0a1b2c3d.%022d", i)
			body = `{"_fingerprint":"` + want[id] + `"}`
		} else {
			want[id] = ""
		}
		require.NoError(t, b.Put(t.Context(), "create", id, []byte(body), ""))
	}
	require.NoError(t, b.Close())
	got := scan(t, x)
	require.Len(t, got, n)
	for id, print := range want {
		require.Equal(t, print, got[id].print, id)
	}
	count, err := x.Count(t.Context())
	require.NoError(t, err)
	assert.EqualValues(t, n, count)

	stop := errors.New("enough")
	calls := 0
	err = x.Scan(t.Context(), func(_, _ []byte, _, _ int64) error { calls++; return stop })
	require.ErrorIs(t, err, stop)
	assert.Equal(t, 1, calls)

	ctx, cancel := context.WithCancelCause(t.Context())
	err = x.Scan(ctx, func(_, _ []byte, _, _ int64) error { cancel(stop); return nil })
	require.ErrorIs(t, err, stop)
}

func TestScanKeepsToTheResultWindow(t *testing.T) {
	const name = "elastic-window"
	s := connect(t, name)
	s.must(t, "PUT", "/"+name, `{"settings":{"index":{"max_result_window":150}}}`)
	b := s.Bulk(name, elastic.BulkOptions{})
	for i := range 401 {
		require.NoError(t, b.Put(t.Context(), "index", fmt.Sprint(i), []byte(`{"a":1}`), ""))
	}
	require.NoError(t, b.Close())
	assert.Len(t, scan(t, s.Index(name)), 401)
}

func TestAbsentIndex(t *testing.T) {
	s := connect(t, "elastic-absent")
	x := s.Index("elastic-absent")
	there, err := x.Exists(t.Context())
	require.NoError(t, err)
	assert.False(t, there)
	require.ErrorContains(t, x.Scan(t.Context(), nil), "does not exist")
	b := s.Bulk("elastic-absent", elastic.BulkOptions{})
	require.NoError(t, b.Put(t.Context(), "create", "a", []byte(`{}`), ""))
	require.ErrorContains(t, b.Flush(t.Context()), "does not exist")
	require.Error(t, b.Put(t.Context(), "create", "b", []byte(`{}`), ""))
	require.Error(t, b.Close())
	there, err = x.Exists(t.Context())
	require.NoError(t, err)
	assert.False(t, there, "it was created by writing")
}

func TestNamesOfSeveralIndicesAreRefused(t *testing.T) {
	s := connect(t)
	for _, name := range []string{"", "a,b", "a*", "_all", "-a", "A", "a:b", "..", "a/b", "a?b", "<a-{now/d}>", strings.Repeat("a", 256)} {
		_, err := s.Index(name).Prepare(t.Context(), nil)
		require.Error(t, err, name)
		require.Error(t, s.Index(name).Delete(t.Context()), name)
		require.Error(t, s.Index(name).Refresh(t.Context()), name)
		_, err = s.Index(name).Count(t.Context())
		require.Error(t, err, name)
		_, err = s.Search(t.Context(), name, nil)
		require.Error(t, err, name)
		if !strings.Contains(name, "*") { // privileges may be asked for a pattern
			_, err = s.Privileges(t.Context(), name, "")
			require.Error(t, err, name)
		}
	}
}

// TestPrepareMapsReaders prepares indices whose mappings say all there is to
// say about unknown fields, and asks them for readers.
func TestPrepareMapsReaders(t *testing.T) {
	for name, mapping := range map[string]string{
		"dynamic": `{}`, "not dynamic": `{"dynamic":false}`, "strict": `{"dynamic":"strict"}`,
		"of an earlier version": `{"dynamic":"strict","properties":{"_allow_access_control":{"type":"keyword"}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			s := connect(t, "elastic-readers")
			s.must(t, "PUT", "/elastic-readers", `{"mappings":`+mapping+`}`)
			for range 2 {
				_, err := s.Index("elastic-readers").Prepare(t.Context(), map[string]string{"_allow_access_control": "text"})
				require.NoError(t, err)
			}
			s.must(t, "PUT", "/elastic-readers/_doc/a?refresh=true", `{"_allow_access_control":["user:Jo Doe"]}`)
			for query, count := range map[string]string{
				`{"term":{"_allow_access_control.keyword":"user:Jo Doe"}}`: `"count":1`,
				`{"term":{"_allow_access_control.keyword":"user:jo doe"}}`: `"count":0`,
				`{"exists":{"field":"_allow_access_control"}}`:             `"count":1`,
			} {
				require.Contains(t, s.must(t, "POST", "/elastic-readers/_count", `{"query":`+query+`}`), count, query)
			}
		})
	}
}

// TestPrepareFailsClosed may not map readers in an index that ignores fields it
// does not know: everybody could read.
func TestPrepareFailsClosed(t *testing.T) {
	for dynamic, closed := range map[string]bool{`false`: false, `"false"`: false, `true`: true, `"strict"`: true} {
		c := scripted(t, map[string]string{
			"/docs": `{"docs":{"mappings":{"dynamic":` + dynamic + `},"settings":{"index":{"uuid":"u"}}}}`, "/docs/_mapping": "403",
		})
		_, err := c.Index("docs").Prepare(t.Context(), map[string]string{"_allow_access_control": "text"})
		if closed {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, "everybody could read every document")
		_, err = c.Index("docs").Prepare(t.Context(), map[string]string{"a": "text"})
		require.NoError(t, err)
	}
}
