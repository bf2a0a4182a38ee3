package elastic

import (
	"context"
	"encoding/json"
	"fmt"
)

// maxUnlisted is how many documents Unlisted returns.
const maxUnlisted = 1000

// Unlisted refreshes the index and returns the ids of documents of an owner
// that have no access list, 1000 at most. With document-level security
// everybody could read them.
func (x *Index) Unlisted(ctx context.Context, owner string) ([]string, error) {
	t, err := x.client.resolve(ctx, x.name, mappingFilter)
	if err != nil || t == nil {
		return nil, err
	}
	field := t.queried()
	if field == "" {
		return nil, fmt.Errorf("documents of index %s without readers can't be found: the field %s is no keyword in its mapping; use an index made for document-level security",
			x.name, fingerprintField)
	}
	if err := x.Refresh(ctx); err != nil {
		return nil, fmt.Errorf("refresh of index %s: %w", x.name, err)
	}
	body, _ := json.Marshal(map[string]any{ // texts and numbers can't fail
		"size": maxUnlisted, "_source": false, "sort": []string{"_doc"},
		"query": map[string]any{"bool": map[string]any{
			"filter":   ownedBy(field, owner),
			"must_not": map[string]any{"exists": map[string]string{"field": accessField}},
		}},
	})
	found, err := x.client.Search(ctx, t.index, body)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(found.Hits))
	for i, h := range found.Hits {
		ids[i] = h.ID
	}
	return ids, nil
}

// queried is the field that fingerprints can be found by: also the keyword that
// Elasticsearch adds when it guesses a mapping, as it does when somebody deletes
// the index while a bulk request is on its way. Empty is none.
func (t *target) queried() string {
	switch {
	case t.prints():
		return fingerprintField
	case t.mapping.Properties[fingerprintField].Fields["keyword"].Type == "keyword":
		return fingerprintField + ".keyword"
	}
	return ""
}

func owned(owner string) map[string]any { return ownedBy(fingerprintField, owner) }

// ownedBy is the query for all fingerprints that start with an owner and a dot:
// the sign after the dot is the slash.
func ownedBy(field, owner string) map[string]any {
	return map[string]any{"range": map[string]any{
		field: map[string]string{"gte": owner + ".", "lt": owner + "/"},
	}}
}
