package embedded_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/elastictest"
	"github.com/tributary-search/tributary/runtime/embedded"
)

// as sends a request as a product; "" sends it as anybody.
func as(t *testing.T, product, method, url, body string, status int) map[string]any {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	if product != "" {
		req.Header.Set("X-elastic-product-origin", product)
	}
	return answer(t, req, status)
}

// TestConnectorIndices goes through what a service does on Elasticsearch 9.1, where the connector indices are system indices.
func TestConnectorIndices(t *testing.T) {
	url := elastictest.Server91(t).URL
	us := func(method, path, body string, status int) map[string]any {
		t.Helper()
		return as(t, "connectors", method, url+path, body, status)
	}
	require.Equal(t, "9.1.0", at(t, us("GET", "/", "", 200), "version.number"))
	us("GET", "/.elastic-connectors/_doc/x", "", 404)
	require.EqualValues(t, 0, us("GET", "/_connector", "", 200)["count"])
	us("PUT", "/_connector/x", "{}", 400)
	made := us("GET", "/.elastic-connectors", "", 200)
	require.Equal(t, "keyword", at(t, made, `\.elastic-connectors-v1.mappings.properties.service_type.type`))
	require.Equal(t, "false", at(t, made, `\.elastic-connectors-v1.mappings.dynamic`))
	require.Equal(t, map[string]any{"is_write_index": true, "is_hidden": true}, at(t, made, `\.elastic-connectors-v1.aliases.\.elastic-connectors`))
	require.Contains(t, us("GET", "/.elastic-connectors-sync-jobs/_mapping", "", 200), ".elastic-connectors-sync-jobs-v1")

	us("PUT", "/.elastic-connectors/_doc/b?op_type=create&refresh=true", `{"index_name":"search-b","service_type":"directory"}`, 201)
	us("PUT", "/.elastic-connectors/_doc/a?op_type=create&refresh=true", `{"index_name":"search-a","service_type":"directory"}`, 201)
	us("PUT", "/.elastic-connectors/_doc/gone?refresh=true", `{"index_name":"search-0","deleted":true}`, 201)
	list := us("GET", "/_connector", "", 200)
	require.EqualValues(t, 2, list["count"])
	require.Equal(t, map[string]any{"id": "a", "index_name": "search-a", "service_type": "directory"}, at(t, list, "results.0"))
	require.EqualValues(t, 3, us("GET", "/_connector?include_deleted=true&size=1", "", 200)["count"])
	require.Equal(t, "b", at(t, us("GET", "/_connector?from=1", "", 200), "results.0.id"))
	us("POST", "/.elastic-connectors/_update/a?if_seq_no=1&if_primary_term=1&refresh=true", `{"doc":{"status":"connected"}}`, 200)
	us("POST", "/_bulk", "{\"update\":{\"_index\":\".elastic-connectors\",\"_id\":\"a\"}}\n{\"doc\":{\"last_seen\":\"2026-01-01\"}}\n", 200)
	us("DELETE", "/.elastic-connectors/_doc/b?refresh=true", "", 200)
	require.EqualValues(t, 2, us("GET", "/.elastic-*/_count", "", 200)["count"])
}

// TestConnectorIndicesAreReserved sends what Elasticsearch 9.1 refuses.
func TestConnectorIndicesAreReserved(t *testing.T) {
	url := elastictest.Server91(t).URL
	as(t, "", "GET", url+"/_connector", "", 200)
	refused := func(product, method, path, body string, status int, typ, reason string) {
		t.Helper()
		e := as(t, product, method, url+path, body, status)
		require.Equal(t, typ, at(t, e, "error.type"), path)
		require.Contains(t, at(t, e, "error.reason"), reason)
	}
	const reserved = "use and access is reserved for system operations"
	for _, product := range []string{"", "beats"} {
		refused(product, "GET", "/.elastic-connectors/_doc/a", "", 400, "illegal_argument_exception", "Indices [.elastic-connectors] "+reserved)
		refused(product, "POST", "/.elastic-connectors-sync-jobs/_search", "{}", 400, "illegal_argument_exception", reserved)
		refused(product, "POST", "/.elastic-connectors/_doc", "{}", 400, "illegal_argument_exception", reserved)
		refused(product, "GET", "/x,.elastic-connectors-v1/_count", "", 400, "illegal_argument_exception", reserved)
	}
	refused("connectors", "PUT", "/.elastic-connectors-v1", "{}", 400, "illegal_argument_exception", reserved)
	refused("connectors", "POST", "/.elastic-connectors/_refresh", "", 403, "security_exception", "action [indices:admin/refresh] is unauthorized")
	refused("connectors", "DELETE", "/.elastic-connectors-v1", "", 403, "security_exception", "on restricted indices [.elastic-connectors-v1]")
	refused("connectors", "PUT", "/.elastic-connectors/_mapping", "{}", 403, "security_exception", "restricted indices")
	refused("connectors", "POST", "/_aliases", `{"actions":[{"add":{"index":".elastic-connectors-v1","alias":"mine"}}]}`, 400, "illegal_argument_exception", reserved)
	bulk := as(t, "", "POST", url+"/_bulk", "{\"index\":{\"_index\":\".elastic-connectors\"}}\n{}\n{\"index\":{\"_index\":\"own\"}}\n{}\n", 200)
	require.EqualValues(t, 400, at(t, bulk, "items.0.index.status"))
	require.EqualValues(t, 201, at(t, bulk, "items.1.index.status"))
	require.Contains(t, at(t, as(t, "", "POST", url+"/_mget", `{"docs":[{"_index":".elastic-connectors","_id":"a"}]}`, 200), "docs.0.error.reason"), reserved)
	require.EqualValues(t, 0, at(t, as(t, "", "GET", url+"/.*/_count?expand_wildcards=all", "", 200), "_shards.total"))
}

// TestFirstWriteMakesConnectorIndices writes through the alias before anything made the index.
func TestFirstWriteMakesConnectorIndices(t *testing.T) {
	url := elastictest.Server91(t).URL
	for _, name := range []string{".elastic-connectors", ".elastic-connectors-sync-jobs"} {
		made := as(t, "connectors", "PUT", url+"/"+name+"/_doc/1?refresh=true", `{"status":"pending"}`, 201)
		require.Equal(t, name+"-v1", made["_index"])
		require.EqualValues(t, 1, as(t, "connectors", "POST", url+"/"+name+"/_count", `{"query":{"term":{"status":"pending"}}}`, 200)["count"])
	}
}

func TestWithoutConnectorAPI(t *testing.T) {
	url := elastictest.Node(t, embedded.Options{}).URL
	require.Equal(t, "invalid_index_name_exception", at(t, call(t, "GET", url+"/_connector", "", 400), "error.type"))
	call(t, "POST", url+"/_connector", `{}`, 405)
	call(t, "PUT", url+"/.elastic-connectors-v1", `{"settings":{"hidden":true},"aliases":{".elastic-connectors":{"is_write_index":true,"is_hidden":true}},"mappings":{"dynamic":"false"}}`, 200)
	require.Equal(t, ".elastic-connectors-v1", call(t, "POST", url+"/.elastic-connectors/_doc", `{}`, 201)["_index"])
}

// TestAccessIndex: identities go into an index that Elasticsearch's own template describes.
func TestAccessIndex(t *testing.T) {
	url := elastictest.Node(t, embedded.Options{}).URL
	call(t, "PUT", url+"/.search-acl-filter-docs/_doc/u?refresh=true", `{"identity":{"name":"u"},"created_at":"2026-01-01"}`, 201)
	made := at(t, call(t, "GET", url+"/.search-acl-filter-docs", "", 200), `\.search-acl-filter-docs`)
	require.Equal(t, map[string]any{"dynamic": "false", "properties": map[string]any{"created_at": map[string]any{"type": "date"}}}, at(t, made, "mappings"))
	require.Equal(t, "true", at(t, made, "settings.index.hidden"))
	require.EqualValues(t, 0, at(t, call(t, "GET", url+"/*/_count", "", 200), "_shards.total"))
	require.Equal(t, "search-acl-filter", at(t, call(t, "GET", url+"/_index_template/search-acl-filter", "", 200), "index_templates.0.name"))
}

func TestLicense(t *testing.T) {
	require.Equal(t, "trial", at(t, call(t, "GET", elastictest.Node(t, embedded.Options{}).URL+"/_license", "", 200), "license.type"))
	require.Equal(t, "basic", at(t, call(t, "GET", elastictest.Node(t, embedded.Options{License: "basic"}).URL+"/_license", "", 200), "license.type"))
}

func TestAPIKeys(t *testing.T) {
	dir := t.TempDir()
	node, err := embedded.Attach(dir, embedded.Options{Password: "secret", Anonymous: true})
	require.NoError(t, err)
	send := func(key, method, path, body string, status int) map[string]any {
		t.Helper()
		req, err := http.NewRequest(method, node.URL+path, strings.NewReader(body))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/json")
		if req.SetBasicAuth("elastic", "secret"); key != "" {
			req.Header.Set("Authorization", "ApiKey "+key)
		}
		return answer(t, req, status)
	}
	made := send("", "POST", "/_security/api_key", `{"name":"connector","role_descriptors":{"r":{"cluster":["monitor"]}}}`, 200)
	key, id := made["encoded"].(string), made["id"].(string)
	send(key, "PUT", "/docs/_doc/1", `{"a":1}`, 201)
	send("bm86cGU=", "GET", "/docs/_doc/1", "", 401)
	send("?", "GET", "/docs/_doc/1", "", 401)
	send("", "POST", "/_security/api_key", `{}`, 400)
	require.NoError(t, node.Close())
	node, err = embedded.Attach(dir, embedded.Options{Password: "secret", Anonymous: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, node.Close()) })
	send(key, "GET", "/docs/_doc/1", "", 200)
	require.Equal(t, []any{id}, send("", "DELETE", "/_security/api_key", `{"ids":["`+id+`"]}`, 200)["invalidated_api_keys"])
	send(key, "GET", "/docs/_doc/1", "", 401)
	send("", "DELETE", "/_security/api_key", `{}`, 400)
}
