package embedded

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// maxWindow is Elasticsearch's default of index.max_result_window.
const maxWindow = 10000

// searchBody is a search request that has been read.
type searchBody struct {
	size, from int
	after      []any
	sorts      []sortKey
	scores     bool // track_scores
	pitID      string
	keepAlive  string
	source     sourceFilter
	docvalues  []string
	fields     []string
	seqNo      bool
	version    bool
	track      int64 // hits counted exactly; -1 all, 0 none
	totalAsInt bool
	query      any
	highlight  *highlighter
}

// otherKeys exist in Elasticsearch's search body, not here.
var otherKeys = []string{
	"aggs", "aggregations", "collapse", "explain", "ext", "indices_boost", "knn", "min_score", "post_filter", "profile", "rank", "rescore", "retriever",
	"runtime_mappings", "script_fields", "slice", "suggest", "terminate_after", "stored_fields", "sub_searches",
}

// ignoredKeys have no effect on what is found.
var ignoredKeys = []string{"timeout", "stats"}

func readSearch(o map[string]any) (*searchBody, error) {
	s := &searchBody{size: 10, track: maxWindow}
	if p, isObject := o["pit"].(map[string]any); isObject {
		s.pitID, _ = p["id"].(string)
		s.keepAlive, _ = p["keep_alive"].(string)
		if s.pitID == "" {
			return nil, illegal("Required [id]")
		}
	}
	for key, v := range o {
		if err := s.readKey(key, v); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// check refuses what contradicts itself, once body and URL are read.
func (s *searchBody) check() error {
	if s.size < 0 || s.from < 0 {
		return illegal("[size] and [from] parameters cannot be negative")
	}
	if len(s.after) > 0 && s.from > 0 {
		return fail(400, "action_request_validation_exception", "Validation Failed: 1: `from` parameter must be set to 0 when `search_after` is used;")
	}
	return nil
}

func (s *searchBody) readKey(key string, v any) (err error) {
	switch key {
	case "size":
		s.size, err = readCount(key, v)
	case "from":
		s.from, err = readCount(key, v)
	case "query":
		s.query = v
	case "sort":
		s.sorts, err = readSort(v, s.pitID != "")
	case "search_after":
		list, isList := v.([]any)
		if !isList || len(list) == 0 {
			return illegal("Values must contains at least one value.")
		}
		s.after = list
	case "pit":
	case "_source":
		s.source, err = readSourceFilter(v)
	case "docvalue_fields":
		s.docvalues, err = readFieldList(v)
	case "fields":
		s.fields, err = readFieldList(v)
	case "seq_no_primary_term":
		s.seqNo = boolText(v) == "true"
	case "version":
		s.version = boolText(v) == "true"
	case "track_scores":
		s.scores = boolText(v) == "true"
	case "track_total_hits":
		s.track, err = readTrack(v)
	case "highlight":
		s.highlight, err = readHighlight(v)
	default:
		return otherKey(key, v)
	}
	return err
}

func otherKey(key string, v any) error {
	switch {
	case slices.Contains(ignoredKeys, key), v == false && (key == "explain" || key == "profile"):
		return nil
	case slices.Contains(otherKeys, key):
		return unsupported("[%s] of a search", key)
	}
	return parsing("Unknown key for a %s in [%s].", tokenName(v), key)
}

// tokenName names a JSON value as Elasticsearch's parser does.
func tokenName(v any) string {
	switch v.(type) {
	case map[string]any:
		return "START_OBJECT"
	case []any:
		return "START_ARRAY"
	case string:
		return "VALUE_STRING"
	case bool:
		return "VALUE_BOOLEAN"
	case json.Number:
		return "VALUE_NUMBER"
	}
	return "VALUE_NULL"
}

func readCount(key string, v any) (int, error) {
	n, err := strconv.Atoi(numberText(v))
	if err != nil {
		return 0, fail(400, "number_format_exception", "For input string: \"%s\"", numberText(v))
	}
	return n, nil
}

func readTrack(v any) (int64, error) {
	switch text := numberText(v); text {
	case "true":
		return -1, nil
	case "false":
		return 0, nil
	default:
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			return 0, fail(400, "number_format_exception", "For input string: \"%s\"", text)
		}
		if n < -1 {
			return 0, illegal("[track_total_hits] parameter must be positive or equals to -1, got %s", text)
		}
		return n, nil
	}
}

// readFieldList reads names, or objects with a field, as docvalue_fields and fields have them.
func readFieldList(v any) ([]string, error) {
	list, isList := v.([]any)
	if !isList {
		return nil, parsing("expected an array of fields")
	}
	var out []string
	for _, e := range list {
		switch e := e.(type) {
		case string:
			out = append(out, e)
		case map[string]any:
			if e["format"] != nil {
				return nil, unsupported("[format] of a field")
			}
			name, _ := e["field"].(string)
			out = append(out, name)
		}
	}
	return out, nil
}

// readURL adds what the URL says to the body.
func (s *searchBody) readURL(c *call) error {
	for _, key := range []string{"size", "from", "track_total_hits", "seq_no_primary_term", "version", "track_scores"} {
		if c.query.Has(key) {
			if err := s.readKey(key, c.query.Get(key)); err != nil {
				return illegal("Failed to parse parameter [%s] with value [%s]", key, c.query.Get(key))
			}
		}
	}
	s.totalAsInt = c.flag("rest_total_hits_as_int")
	if c.query.Has("_source") || c.query.Has("_source_includes") || c.query.Has("_source_excludes") {
		f, err := c.sourceFilter()
		if err != nil {
			return err
		}
		s.source = f
	}
	if v := c.query.Get("docvalue_fields"); v != "" {
		s.docvalues = append(s.docvalues, strings.Split(v, ",")...)
	}
	if q := c.urlQuery(); q != nil {
		s.query = q
	}
	if v := c.query.Get("sort"); v != "" {
		return s.readURLSort(v)
	}
	return nil
}

func (s *searchBody) readURLSort(v string) error {
	var list []any
	for one := range strings.SplitSeq(v, ",") {
		path, order, ordered := strings.Cut(one, ":")
		if ordered {
			list = append(list, map[string]any{path: order})
		} else {
			list = append(list, path)
		}
	}
	var err error
	s.sorts, err = readSort(list, s.pitID != "")
	return err
}

// urlQuery is the query of ?q=, nil when there is none.
func (c *call) urlQuery() map[string]any {
	q := c.query.Get("q")
	if q == "" {
		return nil
	}
	o := map[string]any{"query": q}
	if df := c.query.Get("df"); df != "" {
		o["default_field"] = df
	}
	if op := c.query.Get("default_operator"); op != "" {
		o["default_operator"] = op
	}
	return map[string]any{"query_string": o}
}
