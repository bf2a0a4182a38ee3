package embedded

import (
	"cmp"
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/blevesearch/bleve/v2/numeric"
)

// sortKey is one criterion of a search's order.
type sortKey struct {
	path     string // a field, _score, _doc, _shard_doc or _seq_no
	desc     bool
	first    bool // missing values come first
	unmapped bool
	format   string
	field    *field
}

// readSort reads the sort of a body. PIT searches end with _shard_doc.
func readSort(v any, pit bool) ([]sortKey, error) {
	var list []any
	switch v := v.(type) {
	case nil:
		return nil, nil
	case []any:
		list = v
	default:
		list = []any{v}
	}
	var keys []sortKey
	for _, e := range list {
		switch e := e.(type) {
		case string:
			keys = append(keys, sortKey{path: e, desc: e == "_score"})
		case map[string]any:
			for path, o := range e {
				k, err := readSortKey(path, o)
				if err != nil {
					return nil, err
				}
				keys = append(keys, k)
			}
		default:
			return nil, illegal("malformed sort format, within the sort array, an object, or an actual string are allowed")
		}
	}
	if len(keys) == 1 && keys[0].path == "_score" && keys[0].desc && !pit {
		return nil, nil
	}
	shard := false
	for _, k := range keys {
		shard = shard || k.path == "_shard_doc"
	}
	if pit && len(keys) > 0 && !shard {
		keys = append(keys, sortKey{path: "_shard_doc"})
	}
	return keys, nil
}

func readSortKey(path string, v any) (sortKey, error) {
	k := sortKey{path: path, desc: path == "_score"}
	o, isObject := v.(map[string]any)
	if !isObject {
		o = map[string]any{"order": v}
	}
	for key, v := range o {
		text := boolText(v)
		switch key {
		case "order":
			if text != "asc" && text != "desc" {
				return k, illegal("Unknown SortOrder [%s]", text)
			}
			k.desc = text == "desc"
		case "missing":
			switch text {
			case "_first":
				k.first = true
			case "_last":
			default:
				return k, unsupported("[missing: %s] of a sort", text)
			}
		case "unmapped_type":
			k.unmapped = true
		case "format":
			k.format = text
			if text != "strict_date_optional_time" && text != "strict_date_optional_time_nanos" {
				return k, unsupported("the sort format [%s]", text)
			}
		case "mode":
			if text != "min" && text != "max" || (text == "max") != k.desc && o["order"] != nil && (text == "max") != (boolText(o["order"]) == "desc") {
				return k, unsupported("the sort mode [%s]", text)
			}
		case "numeric_type":
			return k, unsupported("[numeric_type]")
		default:
			return k, fail(400, "x_content_parse_exception", "[1:1] [field_sort] unknown field [%s]", key)
		}
	}
	return k, nil
}

func (k sortKey) special() bool {
	return k.path == "_score" || k.path == "_doc" || k.path == "_shard_doc" || k.path == "_seq_no"
}

// bind finds the key's field in one index.
func (k sortKey) bind(m *mapping, ix *index) (sortKey, error) {
	if k.special() {
		return k, nil
	}
	f := m.fields[k.path]
	switch {
	case k.path == "_id":
		return k, illegal("Fielddata access on the _id field is disallowed, you can re-enable it by updating the dynamic cluster setting: indices.id_field_data.enabled")
	case f == nil || f.family == familyObject:
		if !k.unmapped {
			return k, queryFailed("No mapping found for [%s] in order to sort on", k.path)
		}
		return k, nil
	case f.family == familyText:
		return k, fielddataDisabled(k.path, ix.name)
	case !f.docValues:
		return k, illegal("Can't load fielddata on [%s] because fielddata is unsupported on fields of type [%s]. Use doc values instead.", k.path, f.typ)
	}
	k.field = f
	return k, nil
}

func fielddataDisabled(path, index string) *apiError {
	return illegal("Fielddata is disabled on [%s] in [%s]. Text fields are not optimised for operations that require per-document field data like aggregations and sorting, so these operations are disabled by default. Please use a keyword field instead. Alternatively, set fielddata=true on [%s] in order to load field data by uninverting the inverted index. Note that this can use significant memory.", path, index, path)
}

// value reads one term of the key's field: int64, float64 or string.
func (k sortKey) value(term []byte) (any, bool) {
	switch k.field.family {
	case familyInteger, familyDate, familyFloat:
		p := numeric.PrefixCoded(term)
		shift, err := p.Shift()
		if err != nil || shift != 0 {
			return nil, false
		}
		n, err := p.Int64()
		if err != nil {
			return nil, false
		}
		if k.field.family == familyFloat {
			return numeric.Int64ToFloat64(n), true
		}
		return n, true
	case familyBool:
		if len(term) > 0 && term[0] == 'T' {
			return int64(1), true
		}
		return int64(0), true
	}
	return string(term), true
}

// absent is the value of a document that has none.
func (k sortKey) absent() any {
	low := k.desc != k.first
	if k.field == nil {
		return nil
	}
	switch k.field.family {
	case familyInteger, familyDate, familyBool:
		if low {
			return int64(math.MinInt64)
		}
		return int64(math.MaxInt64)
	case familyFloat:
		if low {
			return math.Inf(-1)
		}
		return math.Inf(1)
	}
	return nil
}

// compare orders two values of this key; the smaller comes first.
func (k sortKey) compare(a, b any) int {
	if a == nil || b == nil {
		switch {
		case a == nil && b == nil:
			return 0
		case (a == nil) == k.first:
			return -1
		}
		return 1
	}
	c := compareValues(a, b)
	if k.desc {
		return -c
	}
	return c
}

func compareValues(a, b any) int {
	switch a := a.(type) {
	case int64:
		if b, same := b.(int64); same {
			return cmp.Compare(a, b)
		}
	case float64:
		if b, same := b.(float64); same {
			return cmp.Compare(a, b)
		}
	case string:
		if b, same := b.(string); same {
			return cmp.Compare(a, b)
		}
	}
	return 0
}

// show is a value as the answer's sort array has it.
func (k sortKey) show(v any) any {
	switch v := v.(type) {
	case float64:
		if math.IsInf(v, 0) {
			return map[bool]string{true: "Infinity", false: "-Infinity"}[v > 0]
		}
		if k.field != nil && k.field.typ != "double" || k.path == "_score" {
			return json.Number(strconv.FormatFloat(v, 'g', -1, 32))
		}
	case int64:
		if k.format != "" && k.field != nil && k.field.family == familyDate && v != math.MaxInt64 && v != math.MinInt64 {
			return showDate(v)
		}
	}
	return v
}

// read turns a value of search_after into one that compare takes.
func (k sortKey) read(v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	text := numberText(v)
	bad := illegal("Failed to parse search_after value for field [%s].", k.path)
	kind := familyInteger
	if k.path == "_score" {
		kind = familyFloat
	} else if k.field != nil {
		kind = k.field.family
	}
	switch kind {
	case familyFloat:
		text = strings.Replace(text, "Infinity", "Inf", 1)
		x, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, bad
		}
		return x, nil
	case familyBool, familyInteger, familyDate:
		if kind == familyBool && text == "true" {
			return int64(1), nil
		}
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n, nil
		}
		if kind == familyDate {
			if t, isDate := parseDate(text, k.field.format); isDate {
				return t.UnixMilli(), nil
			}
		}
		return nil, bad
	}
	return text, nil
}
