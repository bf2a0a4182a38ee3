package embedded_test

func documentScenarios() map[string][]step {
	return map[string][]step{
		"documents": {
			on("PUT", "/$i/_doc/1", `{"a":1}`, 201, "_index=$i", "_id=\"1\"", "_version=1", "result=created", "_seq_no=0", "_primary_term=1", "_shards.total=2", "_shards.failed=0"),
			on("PUT", "/$i/_doc/1", `{"a":2}`, 200, "_version=2", "result=updated", "_seq_no=1"),
			on("GET", "/$i/_doc/1", "", 200, "found=true", "_source={\"a\":2}", "_version=2", "_seq_no=1", "_primary_term=1"),
			on("HEAD", "/$i/_doc/1", "", 200),
			on("HEAD", "/$i/_doc/9", "", 404),
			on("GET", "/$i/_doc/9", "", 404, "found=false", "_id=\"9\"", "!_version"),
			on("GET", "/$i/_source/1", "", 200, "a=2"),
			on("GET", "/$i/_source/9", "", 404, "error.type=resource_not_found_exception"),
			on("GET", "/$i-none/_doc/1", "", 404, "error.type=index_not_found_exception"),
			on("PUT", "/$i/_create/1", `{"a":3}`, 409, "error.type=version_conflict_engine_exception", "error.index=$i"),
			on("PUT", "/$i/_doc/1?op_type=create", `{"a":3}`, 409, "error.type=version_conflict_engine_exception"),
			on("POST", "/$i/_doc", `{"a":3}`, 201, "_id", "result=created"),
			on("PUT", "/$i/_doc/1?if_seq_no=0&if_primary_term=1", `{"a":3}`, 409, "error.type=version_conflict_engine_exception"),
			on("PUT", "/$i/_doc/1?if_seq_no=1&if_primary_term=1", `{"a":3}`, 200, "_version=3"),
			on("PUT", "/$i/_doc/1?if_seq_no=1", `{"a":3}`, 400, "error.type=action_request_validation_exception"),
			on("PUT", "/$i/_doc/none?if_seq_no=1&if_primary_term=1", `{"a":3}`, 409, "error.type=version_conflict_engine_exception"),
			on("DELETE", "/$i/_doc/1?if_seq_no=1&if_primary_term=1", "", 409, "error.type=version_conflict_engine_exception"),
			on("DELETE", "/$i/_doc/1?refresh=true", "", 200, "result=deleted", "_version=4", "forced_refresh=true"),
			on("DELETE", "/$i/_doc/1", "", 404, "result=not_found"),
			on("GET", "/$i/_doc/1", "", 404, "found=false"),
			on("PUT", "/$i/_doc/1", `{"a":5}`, 201, "result=created", "_version=6"),
			on("DELETE", "/$i-none/_doc/1", "", 404, "error.type=index_not_found_exception"),
			on("PUT", "/$i/_doc/b%2Fc%20d", `{"a":1}`, 201, "_id=b/c d"),
			on("GET", "/$i/_doc/b%2Fc%20d", "", 200, "found=true"),
			on("PUT", "/$i/_doc/2", `{bad`, 400, "error.type=document_parsing_exception"),
			on("PUT", "/$i/_doc/2", `[]`, 400, "error.type=document_parsing_exception"),
			on("PUT", "/$i/_doc/2", ``, 400, "error.type=parse_exception"),
			on("PUT", "/$i/_doc/2?nix=1", `{}`, 400, "error.type=illegal_argument_exception"),
			on("PUT", "/$i/_doc/2?op_type=nix", `{}`, 400, "error.type=illegal_argument_exception"),
			on("PUT", "/$i/_doc/2?if_seq_no=-1&if_primary_term=1", `{}`, 400, "error.type=illegal_argument_exception"),
			on("PUT", "/$i/_doc", `{}`, 405, "status=405", "error"),
			on("GET", "/$i/_doc/1/x", "", 400, "error"),
			on("PUT", "/$i/_doc/2", `{}`, 201),
			on("GET", "/$i/_doc/1?_source=false", "", 200, "!_source"),
			on("PUT", "/$i/_doc/3", `{"a":1,"o":{"b":1,"c":2},"d":[{"e":1,"f":2}]}`, 201),
			on("GET", "/$i/_doc/3?_source_includes=o.b,d.e", "", 200, `_source={"o":{"b":1},"d":[{"e":1}]}`),
			on("GET", "/$i/_doc/3?_source_excludes=o,d.e", "", 200, `_source={"a":1,"d":[{"f":2}]}`),
			on("GET", "/$i/_doc/3?_source=a,o.c", "", 200, `_source={"a":1,"o":{"c":2}}`),
			on("GET", "/$i/_doc/3?filter_path=_source.o", "", 200, `_source={"o":{"b":1,"c":2}}`, "!_id"),
			on("GET", "/$i/_doc/3?filter_path=-_source,-_id", "", 200, "!_source", "!_id", "found=true"),
		},
		"update": {
			on("PUT", "/$i/_doc/1", `{"a":1,"o":{"x":1},"l":[1]}`, 201),
			on("POST", "/$i/_update/1", `{"doc":{"o":{"y":2},"l":[2]}}`, 200, "result=updated", "_version=2"),
			on("GET", "/$i/_doc/1", "", 200, `_source={"a":1,"o":{"x":1,"y":2},"l":[2]}`),
			on("POST", "/$i/_update/1", `{"doc":{"a":1}}`, 200, "result=noop", "_version=2", "_seq_no=1"),
			on("POST", "/$i/_update/1", `{"doc":{"a":1},"detect_noop":false}`, 200, "result=updated", "_version=3"),
			on("POST", "/$i/_update/2", `{"doc":{"a":1}}`, 404, "error.type=document_missing_exception"),
			on("POST", "/$i/_update/2", `{"doc":{"a":1},"doc_as_upsert":true}`, 201, "result=created"),
			on("POST", "/$i/_update/3", `{"doc":{"a":1},"upsert":{"b":1}}`, 201, "result=created"),
			on("GET", "/$i/_doc/3", "", 200, `_source={"b":1}`),
			on("POST", "/$i/_update/1?if_seq_no=0&if_primary_term=1", `{"doc":{"a":9}}`, 409, "error.type=version_conflict_engine_exception"),
			on("POST", "/$i/_update/1", `{"nix":{"a":9}}`, 400, "error.type=x_content_parse_exception"),
			on("POST", "/$i/_update/1", `{}`, 400, "error.type=action_request_validation_exception"),
			on("POST", "/$i/_update/1", `{"doc":{"a":"x"}}`, 400, "error.type=document_parsing_exception"),
		},
		"bulk": {
			on("POST", "/_bulk?refresh=true", `{"index":{"_index":"$i","_id":"1"}}
{"a":1}
{"create":{"_index":"$i","_id":"1"}}
{"a":2}
{"create":{"_index":"$i","_id":"2"}}
{"a":2}
{"update":{"_index":"$i","_id":"1"}}
{"doc":{"b":"x"}}
{"update":{"_index":"$i","_id":"nix"}}
{"doc":{"b":"x"}}
{"delete":{"_index":"$i","_id":"nix"}}
{"index":{"_index":"$i","_id":"3"}}
{"a":"word"}
{"index":{"_index":"$i"}}
{"a":1}
{"index":{"_index":"$i","_id":"1","if_seq_no":77,"if_primary_term":1}}
{"a":3}
{"update":{"_index":"$i","_id":"4"}}
{"doc":{"b":"x"},"doc_as_upsert":true}
{"update":{"_index":"$i","_id":"1"}}
{"doc":{"b":"x"}}
{"delete":{"_index":"$i","_id":"2"}}
{"index":{"_index":"Bad","_id":"1"}}
{"a":1}
`, 200, "errors=true", "took", "items.#=13",
				"items.0.index.status=201", "items.0.index.result=created", "items.0.index._seq_no=0", "items.0.index._version=1", "items.0.index._primary_term=1", "items.0.index._shards.successful=1",
				"items.1.create.status=409", "items.1.create.error.type=version_conflict_engine_exception",
				"items.2.create.status=201",
				"items.3.update.status=200", "items.3.update.result=updated", "items.3.update._version=2",
				"items.4.update.status=404", "items.4.update.error.type=document_missing_exception",
				"items.5.delete.status=404", "items.5.delete.result=not_found", "!items.5.delete.error",
				"items.6.index.status=400", "items.6.index.error.type=document_parsing_exception", "items.6.index.error.caused_by.type=illegal_argument_exception",
				"items.7.index.status=201", "items.7.index._id",
				"items.8.index.status=409", "items.8.index.error.type=version_conflict_engine_exception",
				"items.9.update.status=201", "items.9.update.result=created",
				"items.10.update.status=200", "items.10.update.result=noop",
				"items.11.delete.status=200", "items.11.delete.result=deleted", "items.11.delete._version=2",
				"items.12.index.status=400", "items.12.index.error.type=invalid_index_name_exception"),
			on("GET", "/$i/_count", "", 200, "count=3"),
			on("POST", "/$i/_bulk?filter_path=errors,items.*.error.type,items.*.status", "{\"index\":{\"_id\":\"1\"}}\n{\"a\":1}\n{\"index\":{\"_id\":\"7\"}}\n{\"a\":\"q\"}\n", 200,
				"errors=true", "!took", "items.0.index={\"status\":200}", `items.1.index={"status":400,"error":{"type":"document_parsing_exception"}}`),
			on("POST", "/$i/_bulk?filter_path=items.*.error", "{\"index\":{\"_id\":\"1\"}}\n{\"a\":1}\n", 200, "!items", "!errors"),
			on("PUT", "/$i/_bulk", "{\"index\":{\"_id\":\"1\"}}\n{\"a\":1}\n", 200, "errors=false"),
			on("POST", "/$i/_bulk", "{\"index\":{\"_id\":\"1\"}}\n{\"a\":1}", 400, "error.type=illegal_argument_exception"),
			on("POST", "/$i/_bulk", "\n", 400),
			on("POST", "/$i/_bulk", "{bad}\n{\"a\":1}\n", 400, "error.type=x_content_parse_exception"),
			on("POST", "/$i/_bulk", "{\"update\":{\"_id\":\"1\"}}\n{\"a\":1}\n", 400, "error.type=x_content_parse_exception"),
			on("POST", "/$i/_bulk", "{\"index\":{\"_id\":\"\"}}\n{\"a\":1}\n{\"index\":{\"_id\":null}}\n{\"a\":1}\n", 200, "items.0.index.status=400",
				"items.0.index._id=\"\"", "items.0.index.error.type=illegal_argument_exception", "items.1.index.status=201"),
			on("POST", "/$i/_bulk", "{\"nix\":{\"_id\":\"1\"}}\n{\"a\":1}\n", 400, "error.type=illegal_argument_exception"),
			on("POST", "/$i/_bulk", "{\"index\":{\"_id\":\"1\",\"nix\":1}}\n{\"a\":1}\n", 400, "error.type=illegal_argument_exception"),
			on("POST", "/_bulk", "{\"index\":{\"_id\":\"1\"}}\n{\"a\":1}\n", 400, "error.type=action_request_validation_exception"),
			on("POST", "/$i/_bulk", "{\"update\":{}}\n{\"doc\":{\"a\":1}}\n", 400, "error.type=action_request_validation_exception"),
			on("POST", "/$i/_bulk", "{\"index\":{\"_id\":\"8\"}}\n{bad}\n", 200, "errors=true", "items.0.index.status=400", "items.0.index.error.type=document_parsing_exception"),
			on("POST", "/_bulk", "{\"delete\":{\"_index\":\"$i-none\",\"_id\":\"1\"}}\n{\"update\":{\"_index\":\"$i-2\",\"_id\":\"1\"}}\n{\"doc\":{}}\n", 200, "errors=true",
				"items.0.delete.status=404", "items.0.delete.error.type=index_not_found_exception", "items.1.update.status=404", "items.1.update.error.type=document_missing_exception"),
			on("POST", "/$i/_bulk?require_alias=true", "{\"index\":{\"_id\":\"8\"}}\n{\"a\":1}\n", 200, "errors=true", "items.0.index.status=404", "items.0.index.error.type=index_not_found_exception"),
		},
		"mget": {
			on("PUT", "/$i/_doc/1", `{"a":1,"b":2}`, 201),
			on("POST", "/$i/_mget", `{"ids":["1","2"]}`, 200, "docs.#=2", "docs.0.found=true", "docs.0._source.a=1", "docs.1.found=false"),
			on("POST", "/_mget", `{"docs":[{"_index":"$i","_id":"1","_source":["a"]},{"_index":"$i-none","_id":"1"}]}`, 200,
				`docs.0._source={"a":1}`, "docs.1.error.type=index_not_found_exception"),
			on("POST", "/$i/_mget", `{"ids":[]}`, 400, "error.type=action_request_validation_exception"),
		},
		"delete_by_query": {
			on("POST", "/$i/_bulk?refresh=true", "{\"index\":{\"_id\":\"1\"}}\n{\"k\":\"a\"}\n{\"index\":{\"_id\":\"2\"}}\n{\"k\":\"b\"}\n{\"index\":{\"_id\":\"3\"}}\n{\"k\":\"a\"}\n", 200),
			on("POST", "/$i/_delete_by_query?refresh=true", `{"query":{"term":{"k.keyword":"a"}}}`, 200, "deleted=2", "total=2", "version_conflicts=0", "failures=[]", "timed_out=false"),
			on("GET", "/$i/_count", "", 200, "count=1"),
			on("POST", "/$i/_delete_by_query", ``, 400, "error.type=action_request_validation_exception"),
			on("POST", "/$i/_delete_by_query?refresh=true", `{"query":{"match_all":{}}}`, 200, "deleted=1"),
			on("GET", "/$i/_count", "", 200, "count=0"),
		},
		"refresh": {
			on("PUT", "/$i/_doc/1?refresh=wait_for", `{"a":1}`, 201, "!forced_refresh"),
			on("PUT", "/$i/_doc/2?refresh", `{"a":1}`, 201, "forced_refresh=true"),
			on("POST", "/$i/_refresh", "", 200, "_shards.failed=0"),
			on("GET", "/$i/_refresh", "", 200, "_shards.failed=0"),
			on("POST", "/$i-none/_refresh", "", 404, "error.type=index_not_found_exception"),
			on("PUT", "/$i/_doc/2?refresh=nix", `{"a":1}`, 400, "error.type=illegal_argument_exception"),
		},
	}
}
