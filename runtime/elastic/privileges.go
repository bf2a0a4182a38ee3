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
	failedNeeds = []Missing{
		{Privilege: "view_index_metadata", Why: keepFailed, Optional: true},
		{Privilege: "read", Why: keepFailed, Optional: true},
		{Privilege: "write", Why: keepFailed, Optional: true},
		{Privilege: "create_index", Why: keepFailed, Optional: true},
	}
)

const keepFailed = "to keep documents that failed; without it a file on this machine has them"

// needsOf are the index privileges of a request: those of a sync into indices and,
// where failed names an index, those of the dead letters.
func needsOf(indices []string, failed string) []any {
	list := []any{map[string]any{"names": indices, "privileges": names(indexNeeds)}}
	if failed != "" {
		list = append(list, map[string]any{"names": []string{failed}, "privileges": names(failedNeeds)})
	}
	return list
}

// Privileges returns what the credentials lack for a sync into an index, with dead
// letters in another one unless that is empty; none when security is off. The
// index may be a pattern, such as search-*.
func (c *Client) Privileges(ctx context.Context, index, failed string) ([]Missing, error) {
	if err := CheckName(strings.ReplaceAll(index, "*", "x")); err != nil {
		return nil, err
	}
	body, err := json.Marshal(map[string]any{
		"cluster": names(clusterNeeds),
		"index":   needsOf([]string{index}, failed),
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
	missing = lacking(missing, indexNeeds, has.Index[index], index)
	if failed != "" {
		missing = lacking(missing, failedNeeds, has.Index[failed], failed)
	}
	return missing, nil
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
// key with all that a sync into the index needs, and what dead letters need in the
// index failed unless that is empty.
func APIKeyRequest(name, index, failed string) []byte {
	body, _ := json.MarshalIndent(map[string]any{ // texts can't fail
		"name": name,
		"role_descriptors": map[string]any{
			"tributary": map[string]any{
				"cluster": names(clusterNeeds),
				"indices": needsOf([]string{index}, failed),
			},
		},
	}, "", "  ")
	return body
}
