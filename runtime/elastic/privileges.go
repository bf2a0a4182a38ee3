package elastic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Missing is a privilege that a sync needs and the credentials lack.
type Missing struct {
	Privilege string // such as "create_index"
	Index     string // empty for one of the cluster
	Why       string // what it is needed for
	Optional  bool   // a sync works without it, with a loss that Why names
}

// String is one line.
func (m Missing) String() string {
	where := "on the cluster"
	if m.Index != "" {
		where = "on index " + m.Index
	}
	return fmt.Sprintf("privilege %s %s: %s", m.Privilege, where, m.Why)
}

// clusterNeeds and indexNeeds are what a sync needs, least first.
var (
	clusterNeeds = []Missing{
		{Privilege: "monitor", Why: "to read the server's version"},
		{Privilege: "read_pipeline", Why: "to see whether the pipeline extracts content; without it content is always sent", Optional: true},
	}
	indexNeeds = []Missing{
		{Privilege: "view_index_metadata", Why: "to look at its mapping"},
		{Privilege: "read", Why: "to see what it holds already"},
		{Privilege: "write", Why: "to write and delete documents"},
		{Privilege: "maintenance", Why: "to refresh it"},
		{Privilege: "create_index", Why: "to create it when it is absent"},
		{Privilege: "manage", Why: "to add _fingerprint to its mapping; without it scans of an existing index are slower", Optional: true},
	}
)

// Privileges returns what the credentials lack for a sync into an index; none
// when security is off. The index may be a pattern, such as search-*.
func (c *Client) Privileges(ctx context.Context, index string) ([]Missing, error) {
	if err := CheckName(strings.ReplaceAll(index, "*", "x")); err != nil {
		return nil, err
	}
	body, err := json.Marshal(map[string]any{
		"cluster": names(clusterNeeds),
		"index":   []any{map[string]any{"names": []string{index}, "privileges": names(indexNeeds)}},
	})
	if err != nil {
		return nil, err
	}
	a, err := c.call(ctx, request{method: http.MethodPost, path: "/_security/user/_has_privileges", body: body})
	if withoutSecurity(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("ask for privileges: %w", err)
	}
	var has struct {
		Cluster map[string]bool
		Index   map[string]map[string]bool
	}
	if err := json.Unmarshal(a.body, &has); err != nil {
		return nil, fmt.Errorf("ask for privileges: %w", errPage)
	}
	missing := lacking(nil, clusterNeeds, has.Cluster, "")
	return lacking(missing, indexNeeds, has.Index[index], index), nil
}

// withoutSecurity reports the answer of a server that has no security: it does
// not know the request, or says that security is off.
func withoutSecurity(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Status {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusInternalServerError:
		return true
	}
	return false
}

func names(needs []Missing) []string {
	list := make([]string, len(needs))
	for i, n := range needs {
		list[i] = n.Privilege
	}
	return list
}

func lacking(missing, needs []Missing, has map[string]bool, index string) []Missing {
	for _, n := range needs {
		if !has[n.Privilege] {
			n.Index = index
			missing = append(missing, n)
		}
	}
	return missing
}

// APIKeyRequest is the body of a request POST /_security/api_key that makes a
// key with all that a sync into the index needs.
func APIKeyRequest(name, index string) []byte {
	body, _ := json.MarshalIndent(map[string]any{ // texts can't fail
		"name": name,
		"role_descriptors": map[string]any{
			"tributary": map[string]any{
				"cluster": names(clusterNeeds),
				"indices": []any{map[string]any{"names": []string{index}, "privileges": names(indexNeeds)}},
			},
		},
	}, "", "  ")
	return body
}
