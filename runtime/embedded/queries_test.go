package embedded_test

import "strconv"

func queryScenarios() map[string][]step {
	hits := func(query string, n int, more ...string) step {
		return on("POST", "/$i/_search", `{"query":`+query+`}`, 200, append([]string{"hits.total.value=" + strconv.Itoa(n)}, more...)...)
	}
	bad := func(query, typ string) step {
		return on("POST", "/$i/_search", `{"query":`+query+`}`, 400, "error.type="+typ)
	}
	const shards = "search_phase_execution_exception"
	return map[string][]step{
		"query_exact": withLibrary(
			hits(`{"term":{"k":"alpha"}}`, 1), hits(`{"term":{"k":{"value":"alpha","boost":2}}}`, 1), hits(`{"term":{"k":"Alpha"}}`, 0),
			hits(`{"term":{"n":20}}`, 1), hits(`{"term":{"n":"20"}}`, 1), hits(`{"term":{"n":20.5}}`, 0), hits(`{"term":{"n":9007199254740993}}`, 1), hits(`{"term":{"n":9007199254740992}}`, 0),
			hits(`{"term":{"b":true}}`, 1), hits(`{"term":{"b":"false"}}`, 1), hits(`{"term":{"f":1.5}}`, 1), hits(`{"term":{"d":"2024-01-01"}}`, 1), hits(`{"term":{"d":"2024-02-01"}}`, 1),
			hits(`{"term":{"title":"quick"}}`, 1), hits(`{"term":{"title":"Quick"}}`, 0), hits(`{"term":{"nope":"x"}}`, 0), hits(`{"term":{"_id":"1"}}`, 1), hits(`{"term":{"tags":"red"}}`, 1),
			hits(`{"terms":{"k":["alpha","beta","nope"]}}`, 2), hits(`{"terms":{"n":[10,"30"]}}`, 2), hits(`{"terms":{"_id":["1","2","77"]}}`, 2), hits(`{"terms":{"k":[]}}`, 0),
			hits(`{"ids":{"values":["1","3","9"]}}`, 2), hits(`{"ids":{"values":[]}}`, 0), hits(`{"exists":{"field":"f"}}`, 3), hits(`{"exists":{"field":"o"}}`, 1), hits(`{"exists":{"field":"o.x"}}`, 1),
			hits(`{"exists":{"field":"nope"}}`, 0), hits(`{"exists":{"field":"title"}}`, 4), hits(`{"prefix":{"k":"alph"}}`, 2), hits(`{"prefix":{"k":{"value":"al"}}}`, 2), hits(`{"prefix":{"title":"qui"}}`, 1),
			hits(`{"wildcard":{"k":"*a*e*"}}`, 1), hits(`{"wildcard":{"k":{"value":"?eta"}}}`, 1), hits(`{"fuzzy":{"k":"alpho"}}`, 1),
			hits(`{"match_all":{}}`, 5), hits(`{"match_none":{}}`, 0), hits(`{"constant_score":{"filter":{"term":{"k":"alpha"}},"boost":3}}`, 1, "hits.hits.0._score=3"),
			bad(`{"term":{"n":"abc"}}`, shards), bad(`{"term":{"b":"abc"}}`, shards), bad(`{"term":{"k":"a","n":1}}`, "parsing_exception"), bad(`{"term":{"k":["a"]}}`, "parsing_exception"),
			bad(`{"terms":{"k":"a"}}`, "parsing_exception"), bad(`{"term":{"k":null}}`, "illegal_argument_exception"), bad(`{}`, "illegal_argument_exception"), bad(`[]`, "parsing_exception"),
			bad(`{"term":{"k":"a"},"match_all":{}}`, "parsing_exception"), bad(`{"prefix":{"n":"1"}}`, shards), bad(`{"exists":{}}`, "parsing_exception"), bad(`{"term":{"k":{"value":"a","nix":1}}}`, "parsing_exception"),
		),
		"query_range": withLibrary(
			hits(`{"range":{"n":{"gte":10,"lt":30}}}`, 2), hits(`{"range":{"n":{"gt":10}}}`, 3), hits(`{"range":{"n":{"lte":20.5}}}`, 2), hits(`{"range":{"n":{"gte":19.5,"lt":20.5}}}`, 1),
			hits(`{"range":{"n":{"gt":9007199254740992}}}`, 1), hits(`{"range":{"f":{"lt":0}}}`, 1), hits(`{"range":{"f":{"gte":1.5,"lte":2.5}}}`, 2), hits(`{"range":{"f":{"gt":1.5}}}`, 1),
			hits(`{"range":{"d":{"gte":"2024-01-01","lt":"2024-02-01"}}}`, 1), hits(`{"range":{"d":{"lte":"2024-02-01"}}}`, 2), hits(`{"range":{"d":{"gt":"2024-02-01"}}}`, 1), hits(`{"range":{"d":{"gte":"2024-02"}}}`, 2),
			hits(`{"range":{"d":{"gte":"2024-01-15||/M"}}}`, 3), hits(`{"range":{"d":{"lt":"now"}}}`, 3), hits(`{"range":{"d":{"gte":"now-1d/d"}}}`, 0), hits(`{"range":{"d":{"gte":1704067200000}}}`, 3),
			hits(`{"range":{"d":{"gte":"01/02/2024","format":"dd/MM/yyyy"}}}`, 2), hits(`{"range":{"k":{"gte":"alpha","lt":"beta"}}}`, 2), hits(`{"range":{"k":{"gt":"alpha"}}}`, 4), hits(`{"range":{"nope":{"gt":1}}}`, 0),
			bad(`{"range":{"d":{"gte":"xx"}}}`, shards), bad(`{"range":{"n":{"gte":"xx"}}}`, shards), bad(`{"range":{"n":{"nix":1}}}`, "parsing_exception"),
		),
		"query_text": withLibrary(
			hits(`{"match":{"body":"quick"}}`, 2), hits(`{"match":{"body":"QUICK fox"}}`, 2, "hits.hits.0._id=\"1\""), hits(`{"match":{"body":{"query":"quick fox","operator":"and"}}}`, 1),
			hits(`{"match":{"body":{"query":"quick lazy entirely","minimum_should_match":2}}}`, 2), hits(`{"match":{"body":{"query":"quikc","fuzziness":"AUTO"}}}`, 2), hits(`{"match":{"body":""}}`, 0),
			hits(`{"match":{"body":{"query":"","zero_terms_query":"all"}}}`, 5), hits(`{"match":{"k":"alpha"}}`, 1), hits(`{"match":{"n":10}}`, 1), hits(`{"match":{"nope":"x"}}`, 0),
			hits(`{"match":{"title":"überraschung"}}`, 1), hits(`{"match":{"title":"cafe"}}`, 0), hits(`{"match":{"title":"CAFÉ"}}`, 1), hits(`{"match":{"body":"x_y"}}`, 1), hits(`{"match":{"body":"foo"}}`, 0),
			hits(`{"match":{"body":"foo.bar"}}`, 1), hits(`{"match":{"body":"don't"}}`, 1), hits(`{"match":{"body":"3.14"}}`, 1), hits(`{"match":{"body":"b"}}`, 1),
			hits(`{"match_phrase":{"body":"quick brown"}}`, 1), hits(`{"match_phrase":{"body":"brown quick"}}`, 0), hits(`{"match_phrase":{"body":{"query":"Lazy Dog"}}}`, 1), hits(`{"match_phrase":{"title":"fox"}}`, 1),
			hits(`{"multi_match":{"query":"lazy","fields":["title^3","body"]}}`, 2, "hits.hits.0._id=\"2\""), hits(`{"multi_match":{"query":"alpha"}}`, 1), hits(`{"multi_match":{"query":"quick brown","type":"phrase","fields":["title","body"]}}`, 1),
			hits(`{"multi_match":{"query":"lazy","fields":["ti*"]}}`, 1), hits(`{"query_string":{"query":"quick AND brown"}}`, 1), hits(`{"query_string":{"query":"body:quick"}}`, 2), hits(`{"query_string":{"query":"quick -brown"}}`, 1),
			hits(`{"query_string":{"query":"\"brown fox\""}}`, 1), hits(`{"query_string":{"query":"*"}}`, 5), hits(`{"query_string":{"query":"k:alph*"}}`, 2), hits(`{"simple_query_string":{"query":"quick +brown","fields":["body"]}}`, 1),
			hits(`{"dis_max":{"queries":[{"term":{"k":"alpha"}},{"term":{"k":"beta"}}]}}`, 2),
			bad(`{"match":{"body":{"query":"x","nix":1}}}`, "parsing_exception"), bad(`{"match":{"n":"abc"}}`, shards), bad(`{"match":{"body":["a"]}}`, "illegal_argument_exception"), bad(`{"multi_match":{"fields":["a"]}}`, "parsing_exception"),
		),
		"query_bool": withLibrary(
			hits(`{"bool":{}}`, 5), hits(`{"bool":{"must":[{"match":{"body":"quick"}}],"filter":[{"term":{"k":"alpha"}}]}}`, 1), hits(`{"bool":{"must_not":[{"term":{"k":"alpha"}}]}}`, 4),
			hits(`{"bool":{"should":[{"term":{"k":"alpha"}},{"term":{"k":"beta"}}]}}`, 2), hits(`{"bool":{"filter":[{"match_all":{}}],"should":[{"term":{"k":"alpha"}}]}}`, 5),
			hits(`{"bool":{"filter":{"exists":{"field":"n"}},"should":[{"term":{"k":"alpha"}},{"term":{"b":true}},{"term":{"k":"beta"}}],"minimum_should_match":2}}`, 1),
			hits(`{"bool":{"should":[{"term":{"k":"alpha"}},{"term":{"k":"beta"}}],"must_not":{"term":{"b":true}}}}`, 1), hits(`{"bool":{"filter":[{"term":{"nope":"x"}}]}}`, 0),
			hits(`{"bool":{"must":[{"bool":{"should":[{"term":{"k":"alpha"}},{"term":{"k":"gamma"}}]}},{"range":{"n":{"gt":10}}}]}}`, 1),
			hits(`{"bool":{"should":[{"term":{"k":"alpha"}}],"minimum_should_match":0}}`, 1), hits(`{"bool":{"must":{"match_all":{}},"must_not":{"exists":{"field":"title"}}}}`, 1),
			hits(`{"bool":{"must":[{"match_all":{}},{"match":{"body":"lazy"}}],"should":[{"match":{"title":"dogs"}}]}}`, 2, "hits.hits.0._id=\"2\""),
			hits(`{"bool":{"filter":[{"ids":{"values":["1","2"]}},{"term":{"k":"beta"}}]}}`, 1), hits(`{"bool":{"filter":[{"term":{"k":"alpha"}}]}}`, 1, "hits.hits.0._score=0"),
			bad(`{"bool":{"nix":[]}}`, "x_content_parse_exception"), bad(`{"bool":{"must":[{"nix":{}}]}}`, "x_content_parse_exception"),
		),
	}
}
