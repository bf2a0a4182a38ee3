package elastic

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// Info is what a server says about itself.
type Info struct {
	Version     string // such as "8.19.13"
	BuildFlavor string // "default" or "serverless"
	ClusterName string
}

// Info asks the server who it is. An error says in one line why it can't be
// reached or is no Elasticsearch.
func (c *Client) Info(ctx context.Context) (Info, error) {
	a, err := c.call(ctx, request{method: http.MethodGet, path: "/"})
	if err != nil {
		return Info{}, err
	}
	var body struct {
		ClusterName string `json:"cluster_name"`
		Version     struct {
			Number      string
			BuildFlavor string `json:"build_flavor"`
		}
	}
	if err := json.Unmarshal(a.body, &body); err != nil {
		return Info{}, fmt.Errorf("%s: the answer to GET / is no JSON: %w", c.Address(), err)
	}
	return Info{body.Version.Number, body.Version.BuildFlavor, body.ClusterName}, nil
}
