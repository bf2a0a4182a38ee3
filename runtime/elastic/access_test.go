package elastic_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/elastic"
)

// scripted is a client of a server that has one answer for every path.
func scripted(t *testing.T, answers map[string]string) *elastic.Client {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		answer, there := answers[r.URL.Path]
		switch {
		case !there:
			w.WriteHeader(http.StatusNotFound)
			answer = `{}`
		case answer == "403":
			w.WriteHeader(http.StatusForbidden)
			answer = `{"error":{"type":"security_exception","reason":"unauthorized"},"status":403}`
		case answer == "400":
			w.WriteHeader(http.StatusBadRequest)
			answer = `{"error":{"type":"illegal_argument_exception","reason":"no"},"status":400}`
		}
		_, _ = io.WriteString(w, answer)
	}))
	c, err := elastic.New(elastic.Config{URL: s.URL, Log: (&logs{}).logger()})
	require.NoError(t, err)
	t.Cleanup(func() {
		c.Close()
		s.Close()
	})
	return c
}

func TestPipelineFollowsTheOnesItCalls(t *testing.T) {
	const pipe, attach = "/_ingest/pipeline/", `{"processors":[{"attachment":{"field":"_attachment"}}]}`
	tests := []struct {
		name       string
		answers    map[string]string
		attachment bool
		definition string // its beginning
		says       string
	}{
		{"none", map[string]string{pipe + "p": `{"p":{"processors":[{"set":{"field":"a","value":"attachment"}}]}}`}, false, `"p" {`, ""},
		{"its own", map[string]string{pipe + "p": `{"p":` + attach + `}`}, true, `"p" {`, ""},
		{"on failure", map[string]string{pipe + "p": `{"p":{"processors":[{"set":{"field":"a","on_failure":[{"attachment":{"field":"x"}}]}}]}}`}, true, `"p" {`, ""},
		{"in foreach", map[string]string{pipe + "p": `{"p":{"processors":[{"foreach":{"field":"a","processor":{"attachment":{"field":"x"}}}}]}}`}, true, `"p" {`, ""},
		{"in one that it calls", map[string]string{
			pipe + "p": `{"p":{"processors":[{"pipeline":{"name":"q"}}]}}`,
			pipe + "q": `{"q":{"processors":[{"pipeline":{"name":"p"}},{"pipeline":{"name":"r"}}]}}`,
			pipe + "r": `{"r":` + attach + `}`,
		}, true, `"p" {`, ""},
		{"in a circle", map[string]string{pipe + "p": `{"p":{"processors":[{"pipeline":{"name":"p"}}]}}`}, false, `"p" {`, ""},
		{"calls one that is missing", map[string]string{pipe + "p": `{"p":{"processors":[{"pipeline":{"name":"q"}}]}}`}, false, `"p" {`, ""},
		{"calls one by the document", map[string]string{pipe + "p": `{"p":{"processors":[{"pipeline":{"name":"{{ kind }}"}}]}}`}, true, `"p" {`, ""},
		{"unreadable", map[string]string{pipe + "p": "403"}, true, "p", ""},
		{"missing", nil, false, "", "create it, or name another one"},
		{"garbage", map[string]string{pipe + "p": "<html>"}, false, "", "not what Elasticsearch sends"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			definition, attachment, err := scripted(t, test.answers).Pipeline(t.Context(), "p")
			if test.says != "" {
				require.ErrorContains(t, err, test.says)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.attachment, attachment)
			assert.True(t, strings.HasPrefix(string(definition), test.definition), "%s", definition)
		})
	}
}

func TestPrivilegesNamesWhatIsMissing(t *testing.T) {
	const ask = "/_security/user/_has_privileges"
	c := scripted(t, map[string]string{ask: `{"has_all_requested":false,
		"cluster":{"monitor":true,"read_pipeline":false},
		"index":{"docs":{"view_index_metadata":true,"read":true,"write":false,"maintenance":true,"create_index":true,"manage":true}}}`})
	missing, err := c.Privileges(t.Context(), "docs", "")
	require.NoError(t, err)
	require.Len(t, missing, 2)
	assert.True(t, missing[0].Optional)
	assert.Equal(t, "privilege write on index docs: to write and delete documents", missing[1].String())

	missing, err = scripted(t, nil).Privileges(t.Context(), "docs", "")
	require.NoError(t, err)
	assert.Empty(t, missing, "a server without security")

	_, err = scripted(t, map[string]string{ask: "403"}).Privileges(t.Context(), "docs", "")
	require.Error(t, err)
}

func TestAPIKeyRequestHoldsEveryPrivilege(t *testing.T) {
	var body struct {
		Name            string
		RoleDescriptors map[string]struct {
			Cluster []string
			Indices []struct{ Names, Privileges []string }
		} `json:"role_descriptors"`
	}
	require.NoError(t, json.Unmarshal(elastic.APIKeyRequest("mine", "docs", "failed"), &body))
	role := body.RoleDescriptors["tributary"]
	assert.Equal(t, "mine", body.Name)
	assert.Equal(t, []string{"docs"}, role.Indices[0].Names)
	assert.Subset(t, role.Indices[0].Privileges, []string{"read", "write", "create_index", "manage"})
	assert.Equal(t, []string{"failed"}, role.Indices[1].Names)
	assert.ElementsMatch(t, []string{"view_index_metadata", "read", "write", "create_index"}, role.Indices[1].Privileges)
	assert.Contains(t, role.Cluster, "monitor")
}

func TestPrepareWithoutThePrivilegeToMap(t *testing.T) {
	c := scripted(t, map[string]string{
		"/docs":          `{"docs":{"aliases":{},"mappings":{"dynamic":"strict"},"settings":{"index":{"uuid":"u"}}}}`,
		"/docs/_mapping": "403",
	})
	created, err := c.Index("docs").Prepare(t.Context(), map[string]string{"a": "long"})
	require.NoError(t, err)
	assert.False(t, created)
}

func TestScanRefusesAPartialAnswer(t *testing.T) {
	const hit = `"hits":{"hits":[{"_id":"a","_seq_no":1,"_primary_term":1,"sort":[0,0]}]}`
	for body, says := range map[string]string{
		`{"timed_out":true,"_shards":{"failed":0},` + hit + `}`:  "timed out",
		`{"timed_out":false,"_shards":{"failed":1},` + hit + `}`: "1 shards failed",
		`{"timed_out":false,` + hit + `}`:                        "not what Elasticsearch sends",
		`<html>`:                                                 "not what Elasticsearch sends",
		"403":                                                    "403",
	} {
		c := scripted(t, map[string]string{
			"/docs": `{"docs":{"settings":{"index":{"uuid":"u"}}}}`, "/docs/_refresh": `{}`,
			"/docs/_pit": `{"id":"p","_shards":{"failed":0}}`, "/_pit": `{}`, "/_search": body,
		})
		visits := 0
		err := c.Index("docs").Scan(t.Context(), func(_, _ []byte, _, _ int64) error { visits++; return nil })
		require.ErrorContains(t, err, says)
		assert.Zero(t, visits)
	}
	c := scripted(t, map[string]string{ // no /_search: the snapshot is lost
		"/docs": `{"docs":{"settings":{"index":{"uuid":"u"}}}}`, "/docs/_refresh": `{}`, "/docs/_pit": `{"id":"p"}`,
	})
	require.ErrorContains(t, c.Index("docs").Scan(t.Context(), nil), "the snapshot is lost; run the sync again")
}
