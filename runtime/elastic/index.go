package elastic

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
)

const (
	fingerprintField = "_fingerprint"
	accessField      = "_allow_access_control"
)

// Index is one content index, or an alias that leads to one. It is safe for
// concurrent use.
type Index struct {
	client *Client
	name   string
	once   sync.Once // says that fingerprints are read from _source
	// concrete is the index that Look found the name to stand for.
	concrete atomic.Pointer[string]
	// room is memory for the next answer to Fetch.
	room atomic.Pointer[[]byte]
	// uuid is that of the index that was scanned first. Later scans and the
	// writer refuse another one.
	uuid atomic.Pointer[string]
}

// Index returns the index of a name. It makes no request.
func (c *Client) Index(name string) *Index { return &Index{client: c, name: name} }

// target is what a name stands for.
type target struct {
	index   string // the concrete one that takes writes
	alias   bool   // the name is an alias
	uuid    string // empty where the server does not say
	mapping property
	limit   string // of fields, where the settings say one
}

// property is a part of a mapping.
type property struct {
	Type       string              `json:"type"`
	DocValues  *bool               `json:"doc_values"`
	Dynamic    json.RawMessage     `json:"dynamic"` // true, false or a word
	Properties map[string]property `json:"properties"`
	Fields     map[string]property `json:"fields"`
}

// prints reports whether fingerprints can be read from doc values.
func (t *target) prints() bool {
	p := t.mapping.Properties[fingerprintField]
	return p.Type == "keyword" && (p.DocValues == nil || *p.DocValues)
}

type indexState struct {
	Aliases map[string]struct {
		IsWriteIndex *bool `json:"is_write_index"`
	} `json:"aliases"`
	Mappings   property `json:"mappings"`
	DataStream string   `json:"data_stream"`
	Settings   struct {
		Index struct {
			UUID    string `json:"uuid"`
			Mapping struct {
				TotalFields struct {
					Limit string `json:"limit"`
				} `json:"total_fields"`
			} `json:"mapping"`
		} `json:"index"`
	} `json:"settings"`
}

const (
	identityFilter = "filter_path=*.aliases,*.data_stream,*.settings.index.uuid"
	mappingFilter  = identityFilter + ",*.mappings,*.settings.index.mapping"
)

// resolve finds the index that a name stands for; nil when there is none.
func (c *Client) resolve(ctx context.Context, name, filter string) (*target, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	a, err := c.call(ctx, request{method: http.MethodGet, path: "/" + name, query: filter})
	if isStatus(err, http.StatusNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var states map[string]indexState
	if err := json.Unmarshal(a.body, &states); err != nil {
		return nil, fmt.Errorf("state of index %s: %w", name, err)
	}
	return pick(name, states)
}

// pick chooses the index that takes the writes.
func pick(name string, states map[string]indexState) (*target, error) {
	var found *target
	writable := 0
	for index, s := range states {
		if s.DataStream != "" {
			return nil, fmt.Errorf("%s is a data stream, which keeps what is deleted at the source; use an index", name)
		}
		t := &target{index: index, alias: index != name, uuid: s.Settings.Index.UUID, mapping: s.Mappings, limit: s.Settings.Index.Mapping.TotalFields.Limit}
		switch write := s.Aliases[name].IsWriteIndex; {
		case len(states) == 1 && (write == nil || *write):
			return t, nil
		case write != nil && *write:
			found = t
			writable++
		}
	}
	if writable != 1 {
		return nil, fmt.Errorf("alias %s has %d indices and no write index; set is_write_index on one of them", name, len(states))
	}
	return found, nil
}

// CheckName refuses what is no name of one index: Elasticsearch would read
// commas, wildcards and a colon as several, or as another cluster's. It makes
// no request.
func CheckName(name string) error {
	switch {
	case name == "" || name == "." || name == "..":
		return fmt.Errorf("%q is no name of an index", name)
	case len(name) > 255:
		return fmt.Errorf("the name of index %s… is longer than 255 bytes", truncate(name, 40))
	case strings.ContainsAny(name, "\\/*?\"<>| ,#:%"):
		return fmt.Errorf("%q is no name of an index: it holds one of \\ / * ? \" < > | , # : %% or a space", name)
	case strings.ContainsRune("_-+", rune(name[0])):
		return fmt.Errorf("%q is no name of an index: it starts with _, - or +", name)
	case strings.ToLower(name) != name:
		return fmt.Errorf("%q is no name of an index: write it in lower case", name)
	}
	return nil
}

// CheckContentName is [CheckName] for an index of documents. Names that begin
// with a dot are refused as well: a sync that replaced what such an index holds
// would take connectors, users or Kibana's own data with it.
func CheckContentName(name string) error {
	if err := CheckName(name); err != nil || name[0] != '.' {
		return err
	}
	return fmt.Errorf("index %s is none for documents: names that begin with a dot belong to Elasticsearch and Kibana; choose another one", name)
}

// Exists reports whether the index or alias is there.
func (x *Index) Exists(ctx context.Context) (bool, error) {
	t, err := x.client.resolve(ctx, x.name, identityFilter)
	return t != nil, err
}

// Identity tells the index that the name stands for from one that is made in
// its place later; empty when there is none. A server that does not say which
// index it is makes all of them one.
func (x *Index) Identity(ctx context.Context) (string, error) {
	t, err := x.client.resolve(ctx, x.name, identityFilter)
	if err != nil || t == nil {
		return "", err
	}
	return cmp.Or(t.uuid, "unknown"), nil
}

// Refresh makes everything written so far visible to searches.
func (x *Index) Refresh(ctx context.Context) error {
	return x.post(ctx, "/_refresh")
}

func (x *Index) post(ctx context.Context, path string) error {
	if err := CheckName(x.name); err != nil {
		return err
	}
	_, err := x.client.call(ctx, request{method: http.MethodPost, path: "/" + x.name + path})
	return err
}

// Count returns how many documents a search can see; see [Index.Refresh].
func (x *Index) Count(ctx context.Context) (int64, error) {
	return x.client.count(ctx, x.name, nil)
}

// count counts what a search body's query matches; without one, everything.
func (c *Client) count(ctx context.Context, index string, query []byte) (int64, error) {
	if err := CheckName(index); err != nil {
		return 0, err
	}
	a, err := c.call(ctx, request{method: http.MethodPost, path: "/" + index + "/_count", body: query})
	if err != nil {
		return 0, err
	}
	var body struct {
		Count  *int64
		Shards struct{ Failed int } `json:"_shards"`
	}
	if err := json.Unmarshal(a.body, &body); err != nil || body.Count == nil {
		return 0, errors.New("count of index " + index + ": unexpected answer")
	}
	if body.Shards.Failed > 0 {
		return 0, fmt.Errorf("count of index %s: %d shards failed", index, body.Shards.Failed)
	}
	return *body.Count, nil
}

// Delete removes the index with all its documents. It is for tests and for
// commands that say so.
func (x *Index) Delete(ctx context.Context) error {
	if err := CheckName(x.name); err != nil {
		return err
	}
	_, err := x.client.call(ctx, request{method: http.MethodDelete, path: "/" + x.name})
	if isStatus(err, http.StatusNotFound) {
		return nil
	}
	return err
}
