package elastic_test

import (
	"bytes"
	"crypto/rand"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/elastictest"
)

// TestNearlyAsManyFieldsAsThereMayBe: the warning comes before documents are
// refused, counts every field, and knows the limit of the index.
func TestNearlyAsManyFieldsAsThereMayBe(t *testing.T) {
	for name, c := range map[string]struct {
		body  string
		warns bool
	}{
		"few":                 {`{"mappings":{"properties":{"a":{"type":"long"}}}}`, false},
		"nearly all":          {`{"settings":{"index.mapping.total_fields.limit":10},"mappings":{"properties":{"o":{"properties":{"a":{"type":"long"},"b":{"type":"text","fields":{"k":{"type":"keyword"}}},"c":{"properties":{"d":{"type":"long"}}}}},"e":{"type":"long"},"f":{"type":"long"},"g":{"type":"long"}}}}`, true},
		"as many, of a limit": {`{"settings":{"index.mapping.total_fields.limit":20},"mappings":{"properties":{"o":{"properties":{"a":{"type":"long"},"b":{"type":"text","fields":{"k":{"type":"keyword"}}},"c":{"properties":{"d":{"type":"long"}}}}},"e":{"type":"long"},"f":{"type":"long"},"g":{"type":"long"}}}}`, false},
	} {
		var log bytes.Buffer
		target := elastictest.Server(t)
		index := "crowded-" + strings.ToLower(rand.Text()[:8])
		request, err := http.NewRequest(http.MethodPut, target.URL+"/"+index, strings.NewReader(c.body))
		require.NoError(t, err)
		request.Header.Set("Content-Type", "application/json")
		answer, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, http.StatusOK, answer.StatusCode)
		client, err := elastic.New(elastic.Config{URL: target.URL, Log: slog.New(slog.NewTextHandler(&log, nil))})
		require.NoError(t, err)
		_, err = client.Index(index).Prepare(t.Context(), nil)
		require.NoError(t, err)
		require.Equal(t, c.warns, strings.Contains(log.String(), "nearly as many fields as it may"), "%s: %s", name, log.String())
		require.NoError(t, client.Index(index).Delete(t.Context()))
		client.Close()
		http.DefaultClient.CloseIdleConnections()
	}
}
