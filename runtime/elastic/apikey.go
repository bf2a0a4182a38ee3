package elastic

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
)

// serviceNeeds are what the connector service needs of the cluster besides
// what a sync needs: manage_connector lets it have the connector indices made.
var serviceNeeds = []string{"manage_connector"}

// protocolNeeds are what the connector service needs on the connector indices.
var protocolNeeds = []string{"read", "write", "view_index_metadata", "maintenance", "create_index", "manage"}

// ServiceKeyRequest is the body of a request POST /_security/api_key that makes
// a key with all that the connector service needs for one connector: content
// are its indices, protocol the names of the connector indices, failed the index
// of dead letters or empty.
func ServiceKeyRequest(name string, content, protocol []string, failed string) []byte {
	body, _ := json.MarshalIndent(map[string]any{ // texts can't fail
		"name": name,
		"role_descriptors": map[string]any{
			"tributary": map[string]any{
				"cluster": slices.Concat(names(clusterNeeds), serviceNeeds),
				"indices": append(needsOf(content, failed), map[string]any{"names": protocol, "privileges": protocolNeeds}),
			},
		},
		"metadata": map[string]any{"created_by": "Tributary"},
	}, "", "  ")
	return body
}

// APIKey is a key that was just made.
type APIKey struct {
	ID string `json:"id"`
	// Encoded is what is written into the setting elasticsearch.api_key. It
	// can't be read again.
	Encoded string `json:"encoded"`
}

// CreateAPIKey makes a key. The request is the body of POST /_security/api_key.
// An answer that was lost may leave a key that nobody knows.
func (c *Client) CreateAPIKey(ctx context.Context, body []byte) (APIKey, error) {
	a, err := c.call(ctx, request{method: http.MethodPost, path: "/_security/api_key", body: body, once: true})
	if err != nil {
		return APIKey{}, fmt.Errorf("make an API key: %w", err)
	}
	var key APIKey
	if json.Unmarshal(a.body, &key) != nil || key.ID == "" || key.Encoded == "" {
		return APIKey{}, fmt.Errorf("make an API key: %w", errPage)
	}
	return key, nil
}
