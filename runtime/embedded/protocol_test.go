package embedded_test

// protocolScenarios are what the connector protocol needs beyond the rest of the suite.
func protocolScenarios() map[string][]step {
	find := func(body string, want ...string) step {
		return on("POST", "/$i/_search", body, 200, want...)
	}
	jobs := []step{
		on("PUT", "/$i", `{"settings":{"hidden":true},"aliases":{"$i-2":{"is_write_index":true,"is_hidden":true}},"mappings":{"dynamic":"false","properties":{
			"status":{"type":"keyword"},"created_at":{"type":"date"},"host":{"type":"keyword","index":false},"seen":{"type":"date","index":false},"n":{"type":"integer","index":false},
			"connector":{"properties":{"id":{"type":"keyword"},"sync_cursor":{"type":"object"}}}}}}`, 200),
		on("PUT", "/$i-2/_doc/a?op_type=create&refresh=true", `{"status":"pending","created_at":"2024-01-02T00:00:00Z","host":"alpha","n":1,"connector":{"id":"c1"},"other":{"x":[1,2]}}`, 201,
			"_index=$i", "_seq_no=0", "forced_refresh=true"),
		on("PUT", "/$i-2/_doc/b?op_type=create&refresh=true", `{"status":"in_progress","created_at":"2024-01-01T00:00:00Z","host":"alpine","n":2,"seen":"2024-05-01","connector":{"id":"c2"}}`, 201),
		on("PUT", "/$i-2/_doc/c?op_type=create&refresh=true", `{"status":"completed","host":"beta","n":3,"seen":"2024-06-01"}`, 201, "_seq_no=2"),
	}
	with := func(steps ...step) []step { return append(append([]step{}, jobs...), steps...) }
	return map[string][]step{
		"protocol_writes": with(
			on("PUT", "/$i-2/_doc/a?op_type=create", `{}`, 409, "error.type=version_conflict_engine_exception", "error.index=$i", "status=409"),
			on("PUT", "/$i-2/_create/a", `{}`, 409, "error.type=version_conflict_engine_exception"),
			on("POST", "/$i-2/_doc?op_type=create&refresh=true", `{"status":"x"}`, 201, "_id", "_seq_no=3"),
			on("POST", "/$i-2/_update/a?if_seq_no=0&if_primary_term=1&refresh=true", `{"doc":{"status":"in_progress","other":{"x":[3],"y":null},"connector":{"sync_cursor":{"p":1}}}}`, 200,
				"result=updated", "_seq_no=4", "_primary_term=1", "forced_refresh=true", "_version=2"),
			on("GET", "/$i-2/_doc/a", "", 200, `_source={"status":"in_progress","created_at":"2024-01-02T00:00:00Z","host":"alpha","n":1,"connector":{"id":"c1","sync_cursor":{"p":1}},"other":{"x":[3],"y":null}}`),
			on("POST", "/$i-2/_update/a?if_seq_no=0&if_primary_term=1&refresh=true", `{"doc":{"status":"suspended"}}`, 409, "error.type=version_conflict_engine_exception", "error.index=$i"),
			on("POST", "/$i-2/_update/nix?if_seq_no=0&if_primary_term=1", `{"doc":{"status":"suspended"}}`, 404, "error.type=document_missing_exception"),
			on("POST", "/$i-2/_update/a?if_seq_no=4", `{"doc":{}}`, 400, "error.type=action_request_validation_exception"),
			on("POST", "/$i-2/_update/a?refresh=true&if_seq_no=4&if_primary_term=1", `{"doc":{"status":"in_progress"}}`, 200, "result=noop", "_seq_no=4", "!forced_refresh"),
			on("PUT", "/$i-2/_doc/a?if_seq_no=3&if_primary_term=1", `{}`, 409), on("PUT", "/$i-2/_doc/a?if_seq_no=4&if_primary_term=2", `{}`, 409),
			on("DELETE", "/$i-2/_doc/a?if_seq_no=3&if_primary_term=1", "", 409, "error.type=version_conflict_engine_exception"),
			on("DELETE", "/$i-2/_doc/a?if_seq_no=4&if_primary_term=1&refresh=true", "", 200, "result=deleted", "_seq_no=5"),
			on("DELETE", "/$i-2/_doc/a?if_seq_no=4&if_primary_term=1", "", 409),
			on("POST", "/$i-2/_bulk", "{\"update\":{\"_id\":\"b\"}}\n{\"doc\":{\"n\":9}}\n{\"update\":{\"_id\":\"nix\"}}\n{\"doc\":{\"n\":9}}\n", 200, "errors=true", "items.0.update.status=200", "items.1.update.status=404",
				"items.1.update.error.type=document_missing_exception"),
			on("POST", "/$i-2/_mget", `{"ids":["b","a"]}`, 200, "docs.0._seq_no=6", "docs.0._source.n=9", "docs.1.found=false"),
		),
		"protocol_seq_no": with(
			on("POST", "/$i/_update/a?refresh=true", `{"doc":{"n":7}}`, 200, "_seq_no=3"),
			find(`{"query":{"range":{"_seq_no":{"gt":1}}},"sort":["_seq_no"],"seq_no_primary_term":true}`, "hits.total.value=2", `hits.hits.0._id="c"`, "hits.hits.0.sort=[2]", "hits.hits.0._seq_no=2", "hits.hits.1._seq_no=3", "hits.hits.1._primary_term=1"),
			find(`{"query":{"range":{"_seq_no":{"lte":2}}},"sort":[{"_seq_no":"desc"}]}`, "hits.total.value=2", "hits.hits.0.sort=[2]", "hits.hits.1.sort=[1]"),
			find(`{"query":{"range":{"_seq_no":{"gt":99}}}}`, "hits.total.value=0"), find(`{"query":{"range":{"_seq_no":{"gt":-1}}},"sort":[{"_seq_no":{"order":"asc"}}],"size":1}`, "hits.total.value=3", "hits.hits.0.sort=[1]"),
			find(`{"query":{"bool":{"filter":[{"range":{"_seq_no":{"gte":1,"lt":3}}},{"term":{"status":"completed"}}]}},"sort":["_seq_no"]}`, "hits.total.value=1", `hits.hits.0._id="c"`),
			find(`{"query":{"bool":{"filter":[{"range":{"_seq_no":{"gt":-1}}},{"exists":{"field":"status"}}]}},"sort":[{"_seq_no":"asc"}]}`, "hits.total.value=3", "hits.hits.2.sort=[3]"),
			find(`{"query":{"bool":{"must_not":[{"range":{"_seq_no":{"lt":2}}}]}}}`, "hits.total.value=2"), find(`{"query":{"term":{"_seq_no":2}}}`, "hits.total.value=1"), find(`{"query":{"terms":{"_seq_no":[1,3,77]}}}`, "hits.total.value=2"),
			find(`{"sort":[{"_seq_no":"asc"}],"search_after":[1],"size":1}`, "hits.total.value=3", "hits.hits.#=1", "hits.hits.0.sort=[2]"), find(`{"sort":[{"_seq_no":"desc"}],"from":1,"size":1}`, "hits.hits.0.sort=[2]"),
			find(`{"sort":[{"status":"asc"},{"_seq_no":"desc"}]}`, `hits.hits.0.sort=["completed",2]`, `hits.hits.1.sort=["in_progress",1]`),
			on("POST", "/$i/_count", `{"query":{"range":{"_seq_no":{"gt":1}}}}`, 200, "count=2"),
			on("POST", "/$i/_search", `{"query":{"range":{"_seq_no":{"gt":1.5}}}}`, 400, "error.root_cause.0.type=query_shard_exception"), on("POST", "/$i/_search", `{"query":{"range":{"_seq_no":{"gt":"x"}}}}`, 400, "error.root_cause.0.type=query_shard_exception"),
			on("POST", "/$i/_pit?keep_alive=1m", "", 200, "pit:=id"),
			on("POST", "/$i/_update/b?refresh=true", `{"doc":{"n":8}}`, 200, "_seq_no=4"),
			on("POST", "/_search", `{"pit":{"id":"$pit"},"query":{"range":{"_seq_no":{"lt":2}}},"sort":["_seq_no"]}`, 200, "hits.total.value=1", `hits.hits.0._id="b"`, "hits.hits.0.sort.0=1"),
			find(`{"query":{"range":{"_seq_no":{"lt":2}}}}`, "hits.total.value=0"),
			on("DELETE", "/_pit", `{"id":"$pit"}`, 200),
		),
		"protocol_polls": with(
			on("POST", "/$i-2/_search?expand_wildcards=hidden", `{"query":{"bool":{"filter":[{"terms":{"status":["pending","suspended","in_progress"]}},{"terms":{"connector.id":["c1","c2"]}}]}},"sort":[{"created_at":"asc"}],"from":0,"size":100,
				"seq_no_primary_term":true,"track_total_hits":true,"_source":{"includes":["status","connector.*"],"excludes":["connector.sync_cursor"]}}`, 200, "hits.total.value=2", `hits.hits.0._id="b"`, "hits.hits.0._seq_no=1",
				`hits.hits.0._source={"status":"in_progress","connector":{"id":"c2"}}`, "hits.hits.0.sort=[1704067200000]"),
			find(`{"sort":[{"created_at":{"order":"asc","missing":"_first"}}],"size":1}`, `hits.hits.0._id="c"`), find(`{"sort":[{"created_at":"asc"}],"from":2}`, `hits.hits.0._id="c"`, "hits.hits.0.sort=[9223372036854775807]"),
			find(`{"query":{"bool":{"must_not":[{"exists":{"field":"created_at"}}]}}}`, "hits.total.value=1"),
			find(`{"query":{"prefix":{"host":"alp"}}}`, "hits.total.value=2"), find(`{"query":{"term":{"host":"alpha"}}}`, "hits.total.value=1"), find(`{"query":{"terms":{"host":["alpha","beta","x"]}}}`, "hits.total.value=2"),
			find(`{"query":{"exists":{"field":"host"}}}`, "hits.total.value=3"), find(`{"query":{"range":{"seen":{"gte":"2024-05-15"}}}}`, "hits.total.value=1"), find(`{"query":{"range":{"n":{"gt":1}}}}`, "hits.total.value=2"),
			find(`{"query":{"wildcard":{"host":"*a"}}}`, "hits.total.value=2"), find(`{"sort":[{"seen":"desc"}],"size":1}`, `hits.hits.0._id="c"`), find(`{"sort":["n"],"size":1}`, "hits.hits.0.sort=[1]"),
			find(`{"query":{"term":{"other.x":1}}}`, "hits.total.value=0"),
			on("GET", "/$i-nix/_count?ignore_unavailable=true", "", 200, "count=0"), on("GET", "/$i-nix/_count", "", 404, "error.type=index_not_found_exception"),
			on("GET", "/_license", "", 200, "license.status=active", "license.type", "license.uid"), on("GET", "/_license?nix=1", "", 400),
		),
		"protocol_hidden": with(
			on("GET", "/$i*/_count", "", 200, "_shards.total=0"), on("GET", "/$i*/_count?expand_wildcards=open,hidden", "", 200, "_shards.total=1", "count=3"), on("GET", "/$i*/_count?expand_wildcards=all", "", 200, "_shards.total=1"),
			on("GET", "/$i*/_count?expand_wildcards=closed", "", 200, "_shards.total=0"), on("GET", "/$i*/_count?expand_wildcards=none", "", 404), on("GET", "/$i*/_count?expand_wildcards=hidden", "", 404),
			on("GET", "/$i*/_count?expand_wildcards=nix", "", 400, "error.type=illegal_argument_exception"), on("GET", "/$i*/_count?allow_no_indices=false", "", 404, "error.type=index_not_found_exception"),
			on("GET", "/$i/_count?expand_wildcards=none", "", 200, "count=3"), on("GET", "/_alias/$i-2", "", 200, "$i.aliases.$i-2.is_write_index=true", "$i.aliases.$i-2.is_hidden=true"),
			on("GET", "/$i*/_alias", "", 200, "$i.aliases"), on("GET", "/$i*/_mapping", "", 200, "!$i"), on("GET", "/$i/_settings", "", 200, `$i.settings.index.hidden="true"`),
			on("PUT", "/.$i", `{"settings":{"index":{"hidden":true}}}`, 200), on("PUT", "/.$i/_doc/1?refresh=true", `{"x":1}`, 201), on("GET", "/.$i*/_count", "", 200, "count=1"), on("GET", "/*$i*/_count", "", 200, "count=0"),
			on("DELETE", "/.$i", "", 200),
		),
	}
}
