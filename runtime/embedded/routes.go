package embedded

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

type route func(*call) (reply, error)

// methods maps HTTP methods to routes; params are the URL parameters that the path takes.
type methods struct {
	by     map[string]route
	params string
}

// commonParams are taken by every path.
const commonParams = "pretty human error_trace filter_path format "

// targetParams are taken by every path with an index expression.
const targetParams = "ignore_unavailable allow_no_indices expand_wildcards "

// waitParams have no effect on one node.
const waitParams = "timeout master_timeout wait_for_active_shards "

const (
	writeParams  = waitParams + "refresh routing pipeline if_seq_no if_primary_term op_type version version_type require_alias _source _source_includes _source_excludes retry_on_conflict require_data_stream include_source_on_error list_executed_pipelines "
	getParams    = "_source _source_includes _source_excludes realtime refresh preference routing "
	searchParams = targetParams + "q df default_operator analyze_wildcard lenient size from sort _source _source_includes _source_excludes docvalue_fields track_total_hits track_scores rest_total_hits_as_int seq_no_primary_term version preference routing request_cache search_type typed_keys timeout max_concurrent_shard_requests batched_reduce_size ccs_minimize_roundtrips allow_partial_search_results pre_filter_shard_size ignore_throttled force_synthetic_source "
)

// route finds what answers the request. Index names never begin with an underscore, API names always do.
func (c *call) route() (route, error) {
	found, known := c.find()
	if !known {
		return nil, fail(http.StatusBadRequest, "", "no handler found for uri [%s] and method [%s]", c.req.URL.RequestURI(), c.req.Method)
	}
	r := found.by[c.req.Method]
	if r == nil && c.req.Method == http.MethodHead {
		r = found.by[http.MethodGet]
	}
	if r == nil {
		return nil, fail(http.StatusMethodNotAllowed, "", "Incorrect HTTP method for uri [%s] and method [%s], allowed: [%s]",
			c.req.URL.RequestURI(), c.req.Method, strings.Join(slices.Sorted(maps.Keys(found.by)), ", "))
	}
	allowed := strings.Fields(commonParams + found.params)
	for _, name := range slices.Sorted(maps.Keys(c.query)) {
		if !slices.Contains(allowed, name) {
			return nil, illegal("request [%s] contains unrecognized parameter: [%s]", c.req.URL.Path, name)
		}
	}
	return r, nil
}

func (c *call) find() (methods, bool) {
	p := c.parts
	switch {
	case p[0] == "":
		return on("", "GET", info), len(p) == 1
	case p[0] == "_all" && len(p) > 1:
		return indexRoutes(p[1:])
	case p[0] == "_all":
		return on(targetParams+waitParams, "GET", getIndex, "DELETE", deleteIndex), true
	case strings.HasPrefix(p[0], "_"):
		found, known := c.node.clusterRoutes(p)
		if !known && len(p) == 1 {
			bad := func(*call) (reply, error) { return reply{}, checkName(p[0]) }
			return on(commonParams, "GET", bad, "HEAD", bad, "PUT", bad, "DELETE", bad), true
		}
		if !known && len(p) == 2 && c.req.Method != http.MethodPost && c.node.opts.Mode == Mode8 {
			return on("", "POST", info), true // what Elasticsearch says of a document without a type
		}
		return found, known
	case len(p) > 1:
		return indexRoutes(p[1:])
	}
	params := targetParams + waitParams + "flat_settings include_defaults local features "
	return on(params, "GET", getIndex, "HEAD", headIndex, "PUT", createIndex, "DELETE", deleteIndex), true
}

// on pairs methods with routes.
func on(params string, pairs ...any) methods {
	m := methods{by: map[string]route{}, params: params}
	for i := 0; i+1 < len(pairs); i += 2 {
		name, _ := pairs[i].(string)
		switch r := pairs[i+1].(type) {
		case func(*call) (reply, error):
			m.by[name] = r
		case route:
			m.by[name] = r
		}
	}
	return m
}

func both(params string, r route) methods   { return on(params, "GET", r, "POST", r) }
func writes(params string, r route) methods { return on(params, "PUT", r, "POST", r) }

// clusterRoutes are the paths that begin with an API's name.
func (n *Node) clusterRoutes(p []string) (methods, bool) {
	two := strings.Join(p[:min(len(p), 2)], "/")
	switch {
	case two == "_cluster/health" && len(p) <= 3:
		return on(waitParams+"wait_for_status wait_for_no_initializing_shards wait_for_no_relocating_shards wait_for_nodes wait_for_events level local ", "GET", clusterHealth), true
	case two == "_cat/indices" && len(p) <= 3:
		return on(targetParams+"v h bytes health pri local master_timeout time include_unloaded_segments ", "GET", catIndices), true
	case two == "_ingest/pipeline" && len(p) <= 3:
		refuse := func(*call) (reply, error) { return reply{}, unsupported("an ingest pipeline") }
		return on("master_timeout timeout summary if_version ", "GET", noPipelines, "PUT", refuse, "DELETE", refuse), true
	case two == "_security/_authenticate" && len(p) == 2 && n.secured():
		return on("", "GET", authenticated), true
	case strings.Join(p, "/") == "_security/user/_has_privileges" && n.secured():
		return both("", hasPrivileges), true
	case two == "_security/api_key" && len(p) == 2 && n.secured():
		return on("refresh ", "PUT", createKey, "POST", createKey, "DELETE", revokeKeys), true
	case p[0] == "_connector" && len(p) == 1 && n.opts.Mode == Mode91:
		return on("from size include_deleted ", "GET", listConnectors), true
	case p[0] == "_index_template" && len(p) == 2:
		return on("create cause master_timeout flat_settings local include_defaults ", "GET", getTemplate, "HEAD", headTemplate, "PUT", putTemplate, "POST", putTemplate, "DELETE", deleteTemplate), true
	case p[0] == "_alias" && len(p) <= 2:
		return on(targetParams+"local master_timeout ", "GET", getAlias), true
	case len(p) != 1:
		return methods{}, false
	}
	switch p[0] {
	case "_index_template":
		return on("flat_settings local master_timeout include_defaults ", "GET", getTemplate), true
	case "_license":
		return on("local accept_enterprise ", "GET", license), true
	case "_aliases":
		return on(waitParams, "POST", putAliases), true
	case "_pit":
		return on("", "DELETE", closePIT), true
	}
	return shared(p[0])
}

// shared are the paths that exist with and without an index.
func shared(name string) (methods, bool) {
	switch name {
	case "_bulk":
		return writes(writeParams, bulk), true
	case "_search":
		return both(searchParams, runSearch), true
	case "_count":
		return both(searchParams, count), true
	case "_refresh":
		return both(targetParams, refresh), true
	case "_mget":
		return both(getParams, mget), true
	case "_mapping", "_mappings":
		return on(targetParams+waitParams+"local write_index_only ", "GET", getMapping, "PUT", putMapping, "POST", putMapping), true
	case "_settings":
		return on(targetParams+waitParams+"flat_settings include_defaults local preserve_existing reopen ", "GET", getSettings, "PUT", putSettings), true
	}
	return methods{}, false
}

// indexRoutes are the paths behind an index name.
func indexRoutes(p []string) (methods, bool) {
	switch {
	case len(p) == 2 && p[0] == "_doc":
		return on(writeParams+getParams, "GET", getDoc, "PUT", indexDoc, "POST", indexDoc, "DELETE", deleteDoc), true
	case len(p) == 2 && p[0] == "_create":
		return writes(writeParams, createDoc), true
	case len(p) == 2 && p[0] == "_update":
		return on(writeParams, "POST", updateDoc), true
	case len(p) == 2 && p[0] == "_source":
		return on(getParams, "GET", getSource), true
	case len(p) == 2 && (p[0] == "_alias" || p[0] == "_aliases"):
		return on(targetParams+waitParams+"local ", "GET", getAlias, "PUT", putAlias, "POST", putAlias, "DELETE", deleteAlias), true
	case len(p) != 1:
		return methods{}, false
	}
	switch p[0] {
	case "_doc":
		return on(writeParams, "POST", indexDoc), true
	case "_pit":
		return on(targetParams+"keep_alive preference routing allow_partial_search_results max_concurrent_shard_requests ", "POST", openPIT), true
	case "_alias":
		return on(targetParams+"local master_timeout ", "GET", getAlias), true
	case "_delete_by_query":
		return on(searchParams+waitParams+"refresh conflicts requests_per_second scroll scroll_size search_timeout ", "POST", deleteByQuery), true
	}
	return shared(p[0])
}
