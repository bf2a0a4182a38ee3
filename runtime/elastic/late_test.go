package elastic_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/elastic"
)

// TestBulkReplacesWhatALostWorkerWroteLate creates documents that are there by
// then: those of the same owner are replaced, others stay.
func TestBulkReplacesWhatALostWorkerWroteLate(t *testing.T) {
	const name = "elastic-late"
	s := connect(t, name)
	s.must(t, "PUT", "/"+name, `{"mappings":{"properties":{"_fingerprint":{"type":"keyword","index":false}}}}`)
	for id, source := range map[string]string{
		"late":    `{"v":"old","_fingerprint":"owner.1"}`,
		"again":   `{"v":"old","_fingerprint":"owner."}`,
		"third":   `{"v":"old","_fingerprint":"owner.3"}`,
		"foreign": `{"v":"old","_fingerprint":"other.1"}`,
		"without": `{"v":"old"}`,
	} {
		s.must(t, http.MethodPut, "/"+name+"/_doc/"+id, source)
	}
	r := &report{}
	b := s.Bulk(name, elastic.BulkOptions{Report: r, Flushers: 1})
	for _, id := range []string{"new", "late", "foreign", "again", "third", "without", "newer"} {
		require.NoError(t, b.Put(t.Context(), "create", id, []byte(`{"v":"new","x":{"_fingerprint":"other.2"},"_fingerprint":"owner.2","_allow_access_control":["\"_fingerprint\":\"other.3"]}`), ""))
	}
	require.NoError(t, b.Put(t.Context(), "create", "bare", []byte(`{"v":"new"}`), ""))
	require.NoError(t, b.Close())
	assert.Equal(t, map[string]int64{"created": 3, "updated": 3, "failed": 2, "retried": 3}, counted(b))
	assert.Equal(t, map[string]string{
		"foreign": "appeared in the index during the sync", "without": "appeared in the index during the sync",
	}, r.failed)
	for id, v := range map[string]string{"new": "new", "late": "new", "again": "new", "third": "new", "newer": "new", "foreign": "old", "without": "old"} {
		assert.Equal(t, v, source(t, s, "/"+name+"/_doc/"+id)["v"], id)
	}
}

// TestBulkReplacesWithTheLastOfAnID has two documents of one id in a batch.
func TestBulkReplacesWithTheLastOfAnID(t *testing.T) {
	const name = "elastic-late-twice"
	s := connect(t, name)
	s.must(t, "PUT", "/"+name, `{}`)
	s.must(t, http.MethodPut, "/"+name+"/_doc/a", `{"v":"late","_fingerprint":"owner.1"}`)
	b := s.Bulk(name, elastic.BulkOptions{Flushers: 1})
	require.NoError(t, b.Put(t.Context(), "create", "a", []byte(`{"v":"one","_fingerprint":"owner.2"}`), ""))
	require.NoError(t, b.Put(t.Context(), "index", "a", []byte(`{"v":"two","_fingerprint":"owner.3"}`), "duplicate"))
	require.NoError(t, b.Close())
	assert.Equal(t, "two", source(t, s, "/"+name+"/_doc/a")["v"])
	assert.EqualValues(t, 1, b.Counts()["duplicate"])
	assert.Zero(t, b.Counts()["failed"])
}
