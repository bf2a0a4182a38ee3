package embedded_test

// library is what the search scenarios look in.
const library = `{"index":{"_id":"1"}}
{"title":"The quick brown fox","body":"A quick brown fox jumps over the lazy dog","k":"alpha","n":10,"f":1.5,"b":true,"d":"2024-01-01","tags":["red","blue"],"o":{"x":"in"}}
{"index":{"_id":"2"}}
{"title":"Lazy dogs","body":"Dogs are lazy, foxes are quick","k":"beta","n":20,"f":2.5,"b":false,"d":"2024-02-01T10:00:00Z","tags":["green"]}
{"index":{"_id":"3"}}
{"title":"Nothing here","body":"Something else entirely","k":"alphabet","n":30,"f":-3.5,"d":"2024-03-01"}
{"index":{"_id":"4"}}
{"title":"Überraschung im Café","body":"naïve résumé x_y foo.bar don't 3.14 a-b","k":"gamma","n":9007199254740993}
{"index":{"_id":"5"}}
{"k":"delta"}
`

const libraryMapping = `{"mappings":{"properties":{"title":{"type":"text"},"body":{"type":"text"},"k":{"type":"keyword"},"n":{"type":"long"},"f":{"type":"float"},"b":{"type":"boolean"},
	"d":{"type":"date"},"tags":{"type":"keyword"},"o":{"properties":{"x":{"type":"keyword"}}},"fp":{"type":"keyword","index":false}}}}`

func withLibrary(steps ...step) []step {
	return append([]step{on("PUT", "/$i", libraryMapping, 200), on("POST", "/$i/_bulk?refresh=true", library, 200, "errors=false")}, steps...)
}

func searchScenarios() map[string][]step {
	find := func(body string, want ...string) step { return on("POST", "/$i/_search", body, 200, want...) }
	bad := func(body, typ string, more ...string) step {
		return on("POST", "/$i/_search", body, 400, append([]string{"error.type=" + typ}, more...)...)
	}
	const shards = "search_phase_execution_exception"
	return map[string][]step{
		"search": withLibrary(
			find(``, "timed_out=false", "_shards.failed=0", "_shards.total=1", "hits.total={\"value\":5,\"relation\":\"eq\"}", "hits.max_score=1", "hits.hits.#=5", "hits.hits.0._score=1", "hits.hits.0._source.k=alpha"),
			find(`{"size":0}`, "hits.hits=[]", "hits.total.value=5", "hits.max_score=null"),
			find(`{"from":1,"size":2,"sort":["_doc"]}`, "hits.hits.#=2", "hits.hits.0._id=\"2\"", "hits.hits.0._score=null"),
			find(`{"track_total_hits":false,"sort":["_doc"]}`, "!hits.total"),
			find(`{"track_total_hits":2}`, "hits.total={\"value\":2,\"relation\":\"gte\"}"),
			on("GET", "/$i/_search?size=1&sort=n:desc&_source=false&rest_total_hits_as_int=true", "", 200, "hits.total=5", "hits.hits.0._id=\"4\"", "!hits.hits.0._source"),
			on("GET", "/$i/_search?q=k:alpha", "", 200, "hits.total.value=1", "hits.hits.0._id=\"1\""),
			on("GET", "/$i/_count?q=k:alpha", "", 200, "count=1"),
			find(`{"_source":["k","o"],"sort":["_doc"]}`, `hits.hits.0._source={"k":"alpha","o":{"x":"in"}}`, `hits.hits.1._source={"k":"beta"}`),
			find(`{"_source":{"includes":["n*"],"excludes":["nope"]},"sort":["_doc"]}`, `hits.hits.0._source={"n":10}`, `hits.hits.4._source={}`),
			find(`{"_source":false,"seq_no_primary_term":true,"version":true,"sort":["_doc"]}`, "hits.hits.1._seq_no=1", "hits.hits.1._primary_term=1", "hits.hits.1._version=1", "!hits.hits.0._source"),
			find(`{"docvalue_fields":["n","f","b","d","tags","k"],"_source":false,"sort":["_doc"]}`, "hits.hits.0.fields.n=[10]", "hits.hits.0.fields.f=[1.5]", "hits.hits.0.fields.b=[true]",
				`hits.hits.0.fields.d=["2024-01-01T00:00:00.000Z"]`, `hits.hits.0.fields.tags=["blue","red"]`, `hits.hits.4.fields={"k":["delta"]}`),
			bad(`{"docvalue_fields":["title"]}`, shards, "error.root_cause.0.type=illegal_argument_exception"),
			find(`{"docvalue_fields":["unmapped"],"size":1}`, "!hits.hits.0.fields"),
			bad(`{"nix":1}`, "parsing_exception"),
			bad(`{bad`, "x_content_parse_exception"),
			bad(`{"query":{"nix":{}}}`, "parsing_exception"),
			bad(`{"query":{"match_all":{}},"size":"x"}`, "number_format_exception"),
			bad(`{"size":-1}`, "illegal_argument_exception"),
			bad(`{"from":-1}`, "illegal_argument_exception"),
			on("GET", "/$i/_search?from=-1", "", 400, "error.type=illegal_argument_exception"),
			on("GET", "/$i/_search?size=x", "", 400, "error.type=illegal_argument_exception"),
			bad(`{"track_total_hits":"x"}`, "number_format_exception"),
			bad(`{"docvalue_fields":["*"]}`, shards),
			bad(`{"size":10001}`, shards, "error.root_cause.0.type=illegal_argument_exception"),
			bad(`{"from":9999,"size":2}`, shards),
			find(`{"from":9990,"size":10}`, "hits.hits=[]"),
			on("POST", "/$i/_search?nix=1", "{}", 400, "error.type=illegal_argument_exception"),
			on("POST", "/$i-none/_search", "{}", 404, "error.type=index_not_found_exception"),
			on("POST", "/$i-none/_search?ignore_unavailable=true", "{}", 200, "hits.total.value=0"),
			on("POST", "/$i-none*/_search", "{}", 200, "hits.total.value=0"),
			on("POST", "/$i/_count", `{"query":{"term":{"k":"alpha"}}}`, 200, "count=1", "_shards.failed=0"),
			on("POST", "/$i/_count", `{"size":1}`, 400, "error.type=parsing_exception"),
			on("GET", "/$i/_search?filter_path=hits.hits._id", "", 200, `hits.hits.0={"_id":"1"}`, "!took", "!hits.total"),
			on("GET", "/$i-absent/_search?filter_path=hits.hits._id", "", 404, "error.type=index_not_found_exception"),
		),
		"sort": withLibrary(
			find(`{"sort":[{"n":"desc"}]}`, "hits.hits.0._id=\"4\"", "hits.hits.1._id=\"3\"", "hits.hits.4._id=\"5\"", "hits.hits.0.sort=[9007199254740993]", "hits.hits.4.sort=[-9223372036854775808]", "hits.hits.0._score=null", "hits.max_score=null"),
			find(`{"sort":["n"]}`, "hits.hits.0._id=\"1\"", "hits.hits.4._id=\"5\"", "hits.hits.4.sort=[9223372036854775807]"),
			find(`{"sort":[{"f":{"order":"asc"}}]}`, "hits.hits.0.sort=[-3.5]", "hits.hits.4.sort=[\"Infinity\"]"),
			find(`{"sort":[{"k":{"order":"desc"}}]}`, `hits.hits.0.sort=["gamma"]`),
			find(`{"sort":[{"d":{"order":"asc"}},"_doc"]}`, "hits.hits.0.sort.0=1704067200000", "hits.hits.0._id=\"1\""),
			find(`{"sort":[{"b":"desc"},{"k":"asc"}]}`, "hits.hits.0.sort=[1,\"alpha\"]", "hits.hits.1.sort.0=0", "hits.hits.2.sort=[-9223372036854775808,\"alphabet\"]"),
			find(`{"sort":[{"f":{"order":"desc","missing":"_first"}},{"k":"asc"}]}`, "hits.hits.0._id=\"5\"", "hits.hits.1._id=\"4\"", "hits.hits.2._id=\"2\""),
			find(`{"sort":[{"tags":"asc"},{"k":"asc"}]}`, `hits.hits.0.sort=["blue","alpha"]`, `hits.hits.2.sort=[null,"alphabet"]`),
			find(`{"sort":[{"tags":"desc"}],"size":1}`, `hits.hits.0.sort=["red"]`),
			find(`{"sort":["n"],"search_after":[20]}`, "hits.hits.#=3", "hits.hits.0._id=\"3\"", "hits.total.value=5"),
			find(`{"sort":["k"],"search_after":["beta"],"size":1}`, `hits.hits.0.sort=["delta"]`),
			find(`{"sort":[{"n":"desc"},{"k":"asc"}],"search_after":[20,"zzz"]}`, "hits.hits.#=2", "hits.hits.0._id=\"1\""),
			find(`{"sort":["_score"],"query":{"term":{"k":"alpha"}}}`, "hits.hits.#=1", "hits.max_score"),
			find(`{"sort":[{"nope":{"order":"asc","unmapped_type":"long"}}]}`, "hits.hits.#=5"),
			find(`{"sort":["n"],"track_scores":true,"query":{"term":{"k":"alpha"}}}`, "hits.hits.0._score"),
			find(`{"sort":"n","size":1}`, "hits.hits.0._id=\"1\""),
			bad(`{"sort":["title"]}`, shards, "error.root_cause.0.type=illegal_argument_exception"),
			bad(`{"sort":["nope"]}`, shards, "error.root_cause.0.type=query_shard_exception"),
			bad(`{"sort":["n"],"search_after":[1,2]}`, shards),
			bad(`{"search_after":[1]}`, shards),
			bad(`{"sort":["n"],"search_after":["x"]}`, shards),
			bad(`{"sort":[{"n":"sideways"}]}`, "illegal_argument_exception"),
		),
		"pit": withLibrary(
			on("POST", "/$i/_pit?keep_alive=1m", "", 200, "pit:=id"),
			on("PUT", "/$i/_doc/6?refresh=true", `{"k":"new"}`, 201),
			on("PUT", "/$i/_doc/1?refresh=true", `{"k":"changed"}`, 200),
			on("DELETE", "/$i/_doc/2?refresh=true", "", 200),
			on("POST", "/_search", `{"pit":{"id":"$pit","keep_alive":"1m"},"sort":["_shard_doc"],"size":2}`, 200, "pit_id", "hits.total.value=5", "hits.hits.#=2", "hits.hits.0._id=\"1\"", "hits.hits.0._source.k=alpha", "hits.hits.1._id=\"2\"",
				"hits.hits.1.sort.#=1", "after:=hits.hits.1.sort.0"),
			on("POST", "/_search", `{"pit":{"id":"$pit"},"sort":["_shard_doc"],"size":2,"search_after":[$after],"track_total_hits":false}`, 200, "!hits.total", "hits.hits.0._id=\"3\"", "hits.hits.1._id=\"4\"", "after:=hits.hits.1.sort.0"),
			on("POST", "/_search", `{"pit":{"id":"$pit"},"sort":["_shard_doc"],"size":2,"search_after":[$after]}`, 200, "hits.hits.#=1", "hits.hits.0._id=\"5\""),
			on("POST", "/_search", `{"pit":{"id":"$pit"},"sort":[{"_doc":"asc"},{"_shard_doc":"asc"}],"size":1}`, 200, "hits.hits.0._id=\"1\"", "hits.hits.0.sort.#=2"),
			on("POST", "/_search", `{"pit":{"id":"$pit"},"sort":["n"],"size":2}`, 200, "hits.hits.0._id=\"1\"", "hits.hits.0.sort.#=2", "hits.hits.1._id=\"2\"", "a:=hits.hits.1.sort.0", "b:=hits.hits.1.sort.1"),
			on("POST", "/_search", `{"pit":{"id":"$pit"},"sort":["n"],"size":2,"search_after":[$a,$b]}`, 200, "hits.hits.0._id=\"3\""),
			on("POST", "/_search", `{"pit":{"id":"$pit"},"query":{"term":{"k":"beta"}}}`, 200, "hits.total.value=1"),
			on("POST", "/_search", `{"pit":{"id":"$pit"},"query":{"ids":{"values":["2","6"]}}}`, 200, "hits.total.value=1"),
			on("POST", "/_search", `{"pit":{"id":"$pit"},"query":{"bool":{"filter":[{"ids":{"values":["1","6"]}},{"term":{"k":"alpha"}}]}}}`, 200, "hits.total.value=1"),
			on("POST", "/$i/_search", `{"pit":{"id":"$pit"}}`, 400, "error.type=action_request_validation_exception"),
			find(`{"sort":["_doc"]}`, "hits.total.value=5"),
			find(`{"query":{"term":{"k":"alpha"}}}`, "hits.total.value=0"),
			on("DELETE", "/_pit", `{"id":"$pit"}`, 200, "succeeded=true", "num_freed=1"),
			on("DELETE", "/_pit", `{"id":"$pit"}`, 404, "num_freed=0"),
			on("POST", "/_search", `{"pit":{"id":"$pit"}}`, 404, "error.type="+shards, "error.root_cause.0.type=search_context_missing_exception"),
			on("POST", "/_search", `{"pit":{"id":"xyz"}}`, 400, "error.type=illegal_argument_exception"),
			on("POST", "/$i/_pit", "", 400, "error.type=action_request_validation_exception"),
			on("POST", "/$i/_pit?keep_alive=x", "", 400, "error.type=illegal_argument_exception"),
			on("POST", "/$i-none/_pit?keep_alive=1m", "", 404, "error.type=index_not_found_exception"),
		),
		"highlight": withLibrary(
			find(`{"query":{"match":{"body":"quick fox"}},"highlight":{"fields":{"body":{}}}}`, "hits.hits.0._id=\"1\"", `hits.hits.0.highlight.body=["A <em>quick</em> brown <em>fox</em> jumps over the lazy dog"]`),
			find(`{"query":{"match":{"body":"lazy"}},"highlight":{"pre_tags":["["],"post_tags":["]"],"fields":{"body":{"number_of_fragments":0}}},"sort":["_doc"]}`, `hits.hits.1.highlight.body=["Dogs are [lazy], foxes are quick"]`),
			find(`{"query":{"match":{"title":"lazy"}},"highlight":{"fields":{"body":{}}}}`, "!hits.hits.0.highlight"),
			find(`{"query":{"match":{"title":"lazy"}},"highlight":{"require_field_match":false,"fields":{"body":{}}}}`, `hits.hits.0.highlight.body=["Dogs are <em>lazy</em>, foxes are quick"]`),
			find(`{"query":{"prefix":{"body":"fox"}},"highlight":{"fields":{"*":{}}},"sort":["_doc"]}`, `hits.hits.1.highlight={"body":["Dogs are lazy, <em>foxes</em> are quick"]}`),
		),
	}
}
