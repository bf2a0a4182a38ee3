package mongodb_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/tributary-search/tributary/sources/mongodb"
	"github.com/tributary-search/tributary/sources/mongodb/fixture"
)

// FuzzWalk compares the walk with the driver's own Extended JSON, translated
// by the README's table.
func FuzzWalk(f *testing.F) {
	f.Add([]byte(raw(f, fixture.Paper(1))))
	for _, v := range []any{
		"text", 1.5, int32(1), int64(1 << 60), true, nil, object, bson.DateTime(1), bson.DateTime(math.MaxInt64), bson.A{1, "x"},
		bson.Binary{Subtype: 4, Data: sixteen}, bson.Binary{Subtype: 2, Data: sixteen}, bson.Binary{Data: sixteen}, decimal(f, "1.10"),
		bson.Regex{Pattern: "a", Options: "i"}, bson.Timestamp{T: 1, I: 2}, bson.MinKey{}, bson.MaxKey{}, bson.Symbol("s"), bson.Undefined{},
		bson.JavaScript("f"), bson.CodeWithScope{Code: "f", Scope: bson.D{{Key: "x", Value: 1}}}, bson.DBPointer{DB: "c", Pointer: object},
		bson.D{{Key: "a", Value: bson.D{{Key: "b", Value: bson.A{}}}}},
	} {
		f.Add([]byte(raw(f, bson.D{{Key: "_id", Value: 1}, {Key: "f", Value: v}})))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		doc, err := mongodb.Walk("DATETIME_AUTO", "", false)(b)
		if bson.Raw(b).Validate() != nil || err != nil || doc.Err != nil {
			return
		}
		require.True(t, json.Valid([]byte("{"+string(doc.Fields())+"}")), "%s", doc.Fields())
		want, ok := translated(b)
		if !ok {
			return
		}
		got := readJSON(t, "{"+string(doc.Fields())+"}")
		require.Equal(t, want, got)
	})
}

var errOutside = errors.New("the comparison leaves this out")

// translated makes of a document what the README's table says. It leaves out
// documents whose Extended JSON is ambiguous, and names that are changed.
func translated(b bson.Raw) (map[string]any, bool) {
	text, err := bson.MarshalExtJSON(b, true, false)
	if err != nil || !utf8.Valid(b[4:]) && bytes.Contains(text, []byte("\ufffd")) || bytes.Contains(text, []byte(`\ufffd`)) {
		return nil, false
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	tree, err := tokens(dec)
	if err != nil {
		return nil, false
	}
	fields := tree.([]member)
	out := map[string]any{}
	for _, m := range fields {
		if m.key == "_id" || m.key == "id" || strings.HasPrefix(m.key, "_") {
			if m.key == "_id" {
				continue
			}
			return nil, false
		}
		if err := put(out, m); err != nil {
			return nil, false
		}
	}
	return out, true
}

func put(out map[string]any, m member) error {
	if m.key == "" || strings.ContainsAny(m.key, ".$") || strings.TrimSpace(m.key) == "" || !utf8.ValidString(m.key) {
		return errOutside
	}
	if _, twice := out[m.key]; twice {
		return nil
	}
	v, err := translate(m.value)
	out[m.key] = v
	return err
}

type member struct {
	key   string
	value any
}

// tokens reads JSON with objects as lists of members.
func tokens(dec *json.Decoder) (any, error) {
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		list := []member{}
		for dec.More() {
			key, err := dec.Token()
			if err != nil {
				return nil, err
			}
			value, err := tokens(dec)
			if err != nil {
				return nil, err
			}
			list = append(list, member{key.(string), value})
		}
		_, err = dec.Token()
		return list, err
	case json.Delim('['):
		list := []any{}
		for dec.More() {
			value, err := tokens(dec)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err = dec.Token()
		return list, err
	}
	return token, nil
}

func translate(v any) (any, error) {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			var err error
			if out[i], err = translate(v[i]); err != nil {
				return nil, err
			}
		}
		return out, nil
	case []member:
		if len(v) > 0 && strings.HasPrefix(v[0].key, "$") {
			return special(v)
		}
		out := map[string]any{}
		for _, m := range v {
			if err := put(out, m); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return v, nil
}

// special translates the forms of Extended JSON.
func special(v []member) (any, error) {
	text, _ := v[0].value.(string)
	switch v[0].key {
	case "$oid", "$symbol":
		return text, nil
	case "$code":
		if len(v) == 1 {
			return text, nil
		}
		scope, err := translate(v[1].value)
		return map[string]any{"code": text, "scope": scope}, err
	case "$numberInt", "$numberLong":
		return json.Number(text), nil
	case "$numberDouble":
		f, err := strconv.ParseFloat(text, 64)
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, err
		}
		return f, err
	case "$numberDecimal":
		if strings.TrimPrefix(text, "-") == "Infinity" || text == "NaN" {
			return nil, nil
		}
		return text, nil
	case "$date":
		return date(v[0].value.([]member)[0].value.(string))
	case "$timestamp":
		n, err := v[0].value.([]member)[0].value.(json.Number).Int64()
		return time.Unix(n, 0).UTC().Format(time.RFC3339Nano), err
	case "$minKey", "$maxKey", "$undefined":
		return nil, nil
	case "$regularExpression":
		parts := v[0].value.([]member)
		return "/" + parts[0].value.(string) + "/" + parts[1].value.(string), nil
	case "$dbPointer":
		parts := v[0].value.([]member)
		return map[string]any{"$ref": parts[0].value, "$id": parts[1].value.([]member)[0].value}, nil
	case "$binary":
		return blob(v[0].value.([]member))
	}
	return nil, errOutside
}

func date(text string) (any, error) {
	ms, err := strconv.ParseInt(text, 10, 64)
	if at := time.UnixMilli(ms).UTC(); at.Year() >= 1 && at.Year() <= 9999 {
		return at.Format(time.RFC3339Nano), err
	}
	return json.Number(text), err
}

func blob(parts []member) (any, error) {
	text, subtype := parts[0].value.(string), parts[1].value.(string)
	data, err := base64.StdEncoding.DecodeString(text)
	switch {
	case subtype == "04" && len(data) == 16:
		h := hex.EncodeToString(data)
		return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-"), err
	case subtype == "03" && len(data) == 16:
		return nil, err
	case subtype == "09" || subtype == "02":
		return nil, errOutside
	}
	return text, err
}

// readJSON reads an object; numbers with a fraction or exponent become floats.
func readJSON(t *testing.T, text string) map[string]any {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var out map[string]any
	require.NoError(t, dec.Decode(&out))
	return floats(out).(map[string]any)
}

func floats(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = floats(v[k])
		}
		return v
	case []any:
		for i := range v {
			v[i] = floats(v[i])
		}
		return v
	case json.Number:
		if strings.ContainsAny(v.String(), ".e") {
			f, _ := v.Float64()
			return f
		}
	}
	return v
}
