package embedded_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/embedded"
)

// A range of few terms and one of many are found in different ways, and hold the
// same documents.
func TestRangesOfFewAndOfManyTerms(t *testing.T) {
	const documents = 6000
	node, err := embedded.Open(t.TempDir(), embedded.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, node.Close()) }()
	ask(node, "PUT", "/many", `{"mappings":{"properties":{"k":{"type":"keyword"}}}}`)
	var lines strings.Builder
	for i := range documents { // a third of them has a second value
		more := ""
		if i%3 == 0 {
			more = `,"zzz"`
		}
		fmt.Fprintf(&lines, "{\"index\":{\"_id\":\"%d\"}}\n{\"k\":[\"t%04d\"%s]}\n", i, i, more)
	}
	lines.WriteString("{\"index\":{\"_id\":\"none\"}}\n{}\n")
	ask(node, "POST", "/many/_bulk?refresh=true", lines.String())
	ask(node, "DELETE", "/many/_doc/4?refresh=true", "")
	for query, want := range map[string]int{
		`{"gte":"t0000"}`:               documents - 1,
		`{"gt":"t0000"}`:                documents - 1, // by its second value
		`{"gt":"t0001"}`:                documents - 2,
		`{"gte":"t0001","lt":"t5999"}`:  documents - 3,
		`{"gte":"t0001","lte":"t5999"}`: documents - 2,
		`{"gt":"t0001","lte":"t5998"}`:  documents - 4,
		`{"lt":"t5999"}`:                documents - 2,
		`{"gte":"t0010","lt":"t0020"}`:  10,
		`{"gt":"t0010","lte":"t0020"}`:  10,
		`{"gte":"zz"}`:                  documents / 3,
		`{"gte":"zzzz"}`:                0,
	} {
		answer := ask(node, "POST", "/many/_count", `{"query":{"range":{"k":`+query+`}}}`)
		require.Contains(t, answer, fmt.Sprintf(`"count":%d}`, want), query)
	}
	both := ask(node, "POST", "/many/_count", `{"query":{"bool":{"must":[{"range":{"k":{"gt":"t0000"}}},{"term":{"k":"zzz"}}]}}}`)
	require.Contains(t, both, fmt.Sprintf(`"count":%d}`, documents/3))
	neither := ask(node, "POST", "/many/_count", `{"query":{"bool":{"must_not":{"range":{"k":{"lt":"u"}}}}}}`)
	require.Contains(t, neither, `"count":1}`)
}
