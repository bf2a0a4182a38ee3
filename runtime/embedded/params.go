package embedded

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// fieldParams are the parameters that a field of some type may have; those this node has no use for are kept and shown.
var fieldParams = []string{
	"analyzer", "boost", "coerce", "copy_to", "doc_values", "dynamic", "eager_global_ordinals", "enabled", "fielddata", "fields",
	"format", "ignore_above", "ignore_malformed", "include_in_parent", "include_in_root", "index", "index_options", "index_phrases", "index_prefixes",
	"locale", "meta", "norms", "normalizer", "null_value", "position_increment_gap", "properties", "search_analyzer",
	"search_quote_analyzer", "similarity", "split_queries_on_whitespace", "store", "subobjects", "term_vector", "type", "value",
}

func (f *field) readParams(def map[string]any) error {
	for _, key := range slices.Sorted(maps.Keys(def)) {
		if !slices.Contains(fieldParams, key) {
			return badMapping("unknown parameter [%s] on mapper [%s] of type [%s]", key, f.name, f.typ)
		}
	}
	if def["copy_to"] != nil {
		return unsupported("[copy_to] of field [%s]", f.path)
	}
	flags := []struct {
		key string
		to  *bool
	}{
		{"index", &f.indexed}, {"doc_values", &f.docValues}, {"coerce", &f.coerce}, {"enabled", &f.enabled}, {"ignore_malformed", &f.malformed},
	}
	for _, flag := range flags {
		if err := readFlag(def, flag.key, flag.to); err != nil {
			return err
		}
	}
	f.format, _ = def["format"].(string)
	f.analyzer, _ = def["analyzer"].(string)
	f.foreign = def["normalizer"] != nil || def["search_analyzer"] != nil || f.analyzer != "" && f.analyzer != "standard" && f.analyzer != "default" && f.analyzer != "keyword"
	if f.format != "" && !knownFormat(f.format) {
		return unsupported("the date format [%s]", f.format)
	}
	f.nullValue = def["null_value"]
	if v, ok := def["ignore_above"]; ok {
		n, err := strconv.Atoi(fmt.Sprint(v))
		if err != nil {
			return badMapping("Failed to parse mapping: For input string: \"%v\"", v)
		}
		f.ignoreAbove = n
	}
	var err error
	f.dynamic, err = readDynamic(def["dynamic"])
	return err
}

func readFlag(def map[string]any, key string, to *bool) error {
	v, ok := def[key]
	if !ok {
		return nil
	}
	switch boolText(v) {
	case "true":
		*to = true
	case "false":
		*to = false
	default:
		return badMapping("Failed to parse mapping: Failed to parse value [%v] as only [true] or [false] are allowed.", v)
	}
	return nil
}

func readDynamic(v any) (string, error) {
	switch s := boolText(v); s {
	case "", "true", "false", "strict", "runtime":
		return s, nil
	default:
		return "", badMapping("Failed to parse mapping: No enum constant org.elasticsearch.index.mapper.ObjectMapper.Dynamic.%v", v)
	}
}

// boolText is the text of a flag, which Elasticsearch takes as a boolean or a string.
func boolText(v any) string {
	switch v := v.(type) {
	case bool:
		return strconv.FormatBool(v)
	case string:
		return v
	case nil:
		return ""
	}
	return fmt.Sprint(v)
}

// show prints a value inside a reason.
func show(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

// javaClass names a value's type as Elasticsearch's reasons do.
func javaClass(v any) string {
	switch v.(type) {
	case string:
		return "java.lang.String"
	case json.Number:
		return "java.lang.Integer"
	case bool:
		return "java.lang.Boolean"
	case []any:
		return "java.util.ArrayList"
	}
	return "java.util.HashMap"
}
