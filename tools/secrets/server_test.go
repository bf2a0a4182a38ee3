package secrets_test

import (
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/elastictest"
)

// server is an Elasticsearch, and a word that stands in the names of all that a
// test makes there: a genuine one holds what others made, or an earlier run.
type server struct{ url, word string }

// newServer returns the server to test against. What the test made there goes
// with the test.
func newServer(t *testing.T) server {
	t.Helper()
	target := elastictest.Server(t)
	s := server{target.URL, "t" + strconv.FormatUint(uint64(rand.Uint32()), 36)}
	if target.Real { // an embedded node ends with the test
		t.Cleanup(func() { s.clear(t) })
	}
	return s
}

// hit is a document of a server.
type hit struct {
	Index  string         `json:"_index"`
	ID     string         `json:"_id"`
	Source map[string]any `json:"_source"`
}

func (h hit) text() string {
	text, _ := json.Marshal(h)
	return string(text)
}

// hits are all documents of the server.
func (s server) hits(t *testing.T) []hit {
	t.Helper()
	const most = 10_000 // what one search returns
	var found struct {
		Hits struct{ Hits []hit }
	}
	text := s.ask(t, "GET", "/_all/_search?expand_wildcards=all&size="+strconv.Itoa(most))
	require.NoError(t, json.Unmarshal(text, &found), "%s", text)
	require.Less(t, len(found.Hits.Hits), most, "the server holds more than this test can look at; take one of its own")
	return found.Hits.Hits
}

// clear deletes the indices of this test, and its documents in those of all.
func (s server) clear(t *testing.T) {
	for _, h := range s.hits(t) {
		if strings.Contains(h.text(), s.word) && !strings.Contains(h.Index, s.word) {
			s.ask(t, "DELETE", "/"+h.Index+"/_doc/"+h.ID+"?refresh=true")
		}
	}
	for name := range strings.FieldsSeq(string(s.ask(t, "GET", "/_cat/indices/*"+s.word+"*?h=index"))) {
		s.ask(t, "DELETE", "/"+name)
	}
}

func (s server) ask(t *testing.T, method, path string) []byte {
	t.Helper()
	defer http.DefaultClient.CloseIdleConnections() // the server may outlive the tests
	request, err := http.NewRequest(method, s.url+path, http.NoBody)
	require.NoError(t, err)
	request.Header.Set("X-elastic-product-origin", "connectors")
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, answer.StatusCode, "%s %s: %s", method, path, text)
	return text
}

// documents checks every document of a server, but for the configurations that
// the protocol keeps there.
func (m *machine) documents(s server) {
	m.t.Helper()
	hits, own := s.hits(m.t), 0
	for _, h := range hits {
		if strings.HasPrefix(h.Index, ".elastic-connectors") {
			delete(h.Source, "configuration")
			if copied, ok := h.Source["connector"].(map[string]any); ok {
				delete(copied, "configuration")
			}
		}
		if strings.Contains(h.text(), s.word) {
			own++
		}
		m.g.clean(m.t, "document "+h.Index+"/"+h.ID, h.text())
	}
	require.NotZero(m.t, own)
	m.t.Logf("%d documents are clean, %d of them this test's", len(hits), own)
}
