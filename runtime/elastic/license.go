package elastic

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// ExpiredLicense is what [Client.License] returns for a license of any type
// that has run out.
const ExpiredLicense = "expired"

// License returns the type of the cluster's license: "basic", "standard",
// "gold", "platinum", "enterprise" or "trial", or [ExpiredLicense].
func (c *Client) License(ctx context.Context) (string, error) {
	a, err := c.call(ctx, request{method: http.MethodGet, path: "/_license"})
	if err != nil {
		return "", fmt.Errorf("read the license of the cluster: %w", err)
	}
	var body struct {
		License struct{ Status, Type string }
	}
	if err := json.Unmarshal(a.body, &body); err != nil || body.License.Type == "" {
		return "", fmt.Errorf("read the license of the cluster: the answer of %s is not what Elasticsearch sends", c.Address())
	}
	if body.License.Status == "expired" {
		return ExpiredLicense, nil
	}
	return body.License.Type, nil
}

// AllowsDocumentSecurity reports whether a cluster with a license restricts
// who may read single documents.
func AllowsDocumentSecurity(license string) bool {
	switch license {
	case "platinum", "enterprise", "trial":
		return true
	}
	return false
}
