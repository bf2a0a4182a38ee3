package elastic

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Documents are the connectors and sync jobs of the connector protocol, and
// whatever else is kept as single documents under optimistic locking. It
// satisfies what protocol declares as its Store. Every request says that it
// comes from a connector service: newer servers keep these indices to such.
type Documents struct{ client *Client }

// Documents returns the documents of the cluster. It makes no request.
func (c *Client) Documents() *Documents { return &Documents{c} }

var errDocument = errors.New("the answer is not what Elasticsearch sends; a proxy may have changed it")

// document is the answer to a read, a write or a hit.
type document struct {
	ID          string          `json:"_id"`
	SeqNo       *int64          `json:"_seq_no"`
	PrimaryTerm *int64          `json:"_primary_term"`
	Source      json.RawMessage `json:"_source"`
}

func (d *document) versioned() bool { return d.SeqNo != nil && d.PrimaryTerm != nil }

// one is a request about one document. endpoint is "_doc" or "_create".
func one(method, index, endpoint, id, query string) request {
	start := "/" + index + "/" + endpoint + "/"
	return request{method: method, path: start + id, raw: start + url.PathEscape(id), query: query, origin: true}
}

// send sends a request and reads the answer into v.
func (d *Documents) send(ctx context.Context, r request, v any) error {
	index, _, _ := strings.Cut(r.path[1:], "/")
	if err := CheckName(index); err != nil {
		return err
	}
	a, err := d.client.call(ctx, r)
	if err != nil {
		return err
	}
	if json.Unmarshal(a.body, v) != nil {
		return fmt.Errorf("%s %s: %w", r.method, r.path, errDocument)
	}
	return nil
}

func (d *Documents) sendVersioned(ctx context.Context, r request) (doc document, err error) {
	if err = d.send(ctx, r, &doc); err == nil && !doc.versioned() {
		err = fmt.Errorf("%s %s: %w", r.method, r.path, errDocument)
	}
	return doc, err
}

// Get reads the newest version of a document, whether searches see it or not.
// The error is an [*Error] with status 404 when it is not there.
func (d *Documents) Get(ctx context.Context, index, id string) (source []byte, seqNo, primaryTerm int64, err error) {
	doc, err := d.sendVersioned(ctx, one(http.MethodGet, index, "_doc", id, ""))
	if err != nil {
		return nil, 0, 0, err
	}
	if len(doc.Source) == 0 {
		return nil, 0, 0, fmt.Errorf("document %s of index %s has no _source; switch it on in the mapping", id, index)
	}
	return doc.Source, *doc.SeqNo, *doc.PrimaryTerm, nil
}

// Search calls visit for every hit of a search and returns how many documents
// match. The body asks for seq_no_primary_term. An absent index has no hits. An
// error of visit ends the calls and is returned.
func (d *Documents) Search(ctx context.Context, index string, body []byte,
	visit func(id string, source []byte, seqNo, primaryTerm int64) error,
) (total int64, err error) {
	var found struct {
		TimedOut bool                 `json:"timed_out"`
		Shards   struct{ Failed int } `json:"_shards"`
		Hits     struct {
			Total struct{ Value int64 }
			Hits  []document
		}
	}
	r := request{method: http.MethodPost, path: "/" + index + "/_search", body: body, origin: true}
	switch err := d.send(ctx, r, &found); {
	case isType(err, "index_not_found_exception"):
		return 0, nil
	case err != nil:
		return 0, err
	case found.TimedOut || found.Shards.Failed > 0:
		return 0, fmt.Errorf("search in %s: timed out, or %d shards failed; see the health of the index", index, found.Shards.Failed)
	}
	for i := range found.Hits.Hits {
		hit := &found.Hits.Hits[i]
		if !hit.versioned() {
			return 0, fmt.Errorf("search in %s: %w", index, errDocument)
		}
		if err := visit(hit.ID, hit.Source, *hit.SeqNo, *hit.PrimaryTerm); err != nil {
			return 0, err
		}
	}
	return found.Hits.Total.Value, nil
}

// Create stores a document under an id that is free; under a new one when id
// is empty. The error is an [*Error] with status 409 when the id is in use;
// with an id of the caller's it may be that an attempt of this call stored it
// and the answer was lost. Searches see the document when Create returns.
func (d *Documents) Create(ctx context.Context, index, id string, source []byte) (newID string, seqNo, primaryTerm int64, err error) {
	made := id == ""
	if made {
		id = newDocumentID()
	}
	doc, err := d.create(ctx, index, id, source)
	if made && isStatus(err, http.StatusConflict) {
		doc, err = d.sendVersioned(ctx, one(http.MethodGet, index, "_doc", id, "")) // nobody else makes this id
	}
	if err != nil {
		return "", 0, 0, err
	}
	return id, *doc.SeqNo, *doc.PrimaryTerm, nil
}

// throughAlias refuses a write whose alias is gone with its index: it would make
// an index of the alias's name, without mapping.
const throughAlias = "require_alias=true"

// create makes the indices when they are gone.
func (d *Documents) create(ctx context.Context, index, id string, source []byte) (document, error) {
	r := one(http.MethodPut, index, "_create", id, "refresh=true&"+throughAlias)
	r.body = source
	doc, err := d.sendVersioned(ctx, r)
	if !isStatus(err, http.StatusNotFound) {
		return doc, err
	}
	if err := d.Ensure(ctx); err != nil {
		return doc, err
	}
	r.query = "refresh=true" // the server makes an index of its own by itself
	return d.sendVersioned(ctx, r)
}

// newDocumentID is random, and is no word that a command line takes for a flag.
func newDocumentID() string {
	var b [15]byte
	_, _ = rand.Read(b[:]) // never fails
	return strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))
}

// Replace stores a document in the place of one version of it. The error is an
// [*Error] with status 409 when it has another version or is gone; also when
// an attempt of this call was done and its answer lost. Searches see the
// document when Replace returns; without refresh, when the index is refreshed
// next.
func (d *Documents) Replace(ctx context.Context, index, id string, source []byte, seqNo, primaryTerm int64, refresh bool) (newSeqNo, newPrimaryTerm int64, err error) {
	query := ifVersion(seqNo, primaryTerm) + "&" + throughAlias
	if refresh {
		query += "&refresh=true"
	}
	r := one(http.MethodPut, index, "_doc", id, query)
	r.body = source
	doc, err := d.sendVersioned(ctx, r)
	if err != nil {
		return 0, 0, err
	}
	return *doc.SeqNo, *doc.PrimaryTerm, nil
}

func ifVersion(seqNo, primaryTerm int64) string {
	return "if_seq_no=" + strconv.FormatInt(seqNo, 10) + "&if_primary_term=" + strconv.FormatInt(primaryTerm, 10)
}

// Delete removes one version of a document; any when seqNo is negative. The
// error is an [*Error] with status 404 when it is not there.
func (d *Documents) Delete(ctx context.Context, index, id string, seqNo, primaryTerm int64) error {
	query := "refresh=true"
	if seqNo >= 0 {
		query += "&" + ifVersion(seqNo, primaryTerm)
	}
	var answer struct{}
	return d.send(ctx, one(http.MethodDelete, index, "_doc", id, query), &answer)
}
