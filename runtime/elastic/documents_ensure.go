package elastic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// ownIndex is an index of the connector protocol.
type ownIndex struct{ name, alias, mapping string }

var ownIndices = [...]ownIndex{
	{".elastic-connectors-v1", ".elastic-connectors", connectorsMapping},
	{".elastic-connectors-sync-jobs-v1", ".elastic-connectors-sync-jobs", jobsMapping},
}

// Ensure makes the indices of connectors and sync jobs, with their aliases,
// where they are missing: by the Connector API where the server has it, which
// knows them best; otherwise itself. Many may do it at once.
func (d *Documents) Ensure(ctx context.Context) error {
	asked := false
	for _, x := range ownIndices {
		there, err := d.present(ctx, x.alias)
		if err == nil && !there && !asked {
			asked = true
			if err = d.askConnectorAPI(ctx); err == nil {
				there, err = d.present(ctx, x.alias)
			}
		}
		if err == nil && !there {
			err = d.make(ctx, x)
		}
		if err != nil {
			return fmt.Errorf("make sure of index %s: %w", x.alias, err)
		}
	}
	return nil
}

// present reports whether an alias leads to an index. An index of the alias's
// own name is an error: nothing could be written through it.
func (d *Documents) present(ctx context.Context, name string) (bool, error) {
	var answer map[string]json.RawMessage
	err := d.send(ctx, request{method: http.MethodGet, path: "/" + name, query: "filter_path=*.aliases", origin: true}, &answer)
	if isStatus(err, http.StatusNotFound) {
		return false, nil
	}
	if _, itself := answer[name]; itself {
		return false, errors.New("it is an index where an alias should be; something wrote to it before it was made: delete it, or reindex it into " + name + "-v1")
	}
	return err == nil, err
}

// askConnectorAPI lists connectors, so that a server that keeps the indices to
// itself makes them. A server without the API says so in one way or another.
func (d *Documents) askConnectorAPI(ctx context.Context) error {
	_, err := d.client.call(ctx, request{method: http.MethodGet, path: "/_connector", query: "size=1", origin: true})
	var refused *Error
	if errors.As(err, &refused) && refused.Status < http.StatusInternalServerError && refused.Status != http.StatusUnauthorized {
		return nil
	}
	return err
}

// make creates an index with its alias, or adds the alias to an index that
// somebody made without.
func (d *Documents) make(ctx context.Context, x ownIndex) error {
	body := `{"settings":{"index":{"number_of_shards":1,"auto_expand_replicas":"0-1","hidden":true}},` +
		`"aliases":{"` + x.alias + `":{"is_hidden":true}},"mappings":` + x.mapping + `}`
	_, err := d.client.call(ctx, request{method: http.MethodPut, path: "/" + x.name, body: []byte(body), origin: true})
	if err == nil || systemIndex(err) {
		return nil
	}
	if !isType(err, "resource_already_exists_exception") {
		return err
	}
	if there, err := d.present(ctx, x.alias); there || err != nil {
		return err
	}
	action := map[string]any{"index": x.name, "alias": x.alias, "is_hidden": true}
	list, err := json.Marshal(map[string]any{"actions": []any{map[string]any{"add": action}}})
	if err != nil {
		return err
	}
	_, err = d.client.call(ctx, request{method: http.MethodPost, path: "/_aliases", body: list, origin: true})
	if systemIndex(err) {
		return nil
	}
	return err
}

// systemIndex reports a refusal to make what the server makes by itself with
// the first document.
func systemIndex(err error) bool {
	var refused *Error
	return errors.As(err, &refused) && refused.Status < http.StatusInternalServerError &&
		strings.Contains(strings.ToLower(refused.Reason), "system ind")
}
