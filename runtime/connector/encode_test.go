package connector_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
)

var moment = time.Date(2024, 2, 29, 12, 0, 0, 5000, time.FixedZone("", 2*3600))

// status is a named type of which this package knows nothing.
type status string

func TestSet(t *testing.T) {
	f := 1.5
	tests := map[string]struct {
		value any
		want  string
	}{
		"nil":               {nil, `null`},
		"string":            {"a\"b\\c\n\r\t\x00\x1f</é\u2028😀", `"a\"b\\c\n\r\t\u0000\u001f</é` + "\u2028" + `😀"`},
		"invalid UTF-8":     {"a\xffb\xc3", "\"a\ufffdb\ufffd\""},
		"surrogate bytes":   {"\xed\xa0\x80", "\"\ufffd\ufffd\ufffd\""},
		"U+FFFD itself":     {"\ufffd", "\"\ufffd\""},
		"true":              {true, `true`},
		"int":               {-1, `-1`},
		"int8":              {int8(-128), `-128`},
		"int16":             {int16(-2), `-2`},
		"int32":             {int32(7), `7`},
		"int64":             {int64(math.MinInt64), `-9223372036854775808`},
		"uint":              {uint(1), `1`},
		"uint8":             {uint8(255), `255`},
		"uint16":            {uint16(2), `2`},
		"uint32":            {uint32(3), `3`},
		"uint64":            {uint64(math.MaxUint64), `18446744073709551615`},
		"float64":           {0.1, `0.1`},
		"float64 whole":     {3.0, `3`},
		"float64 large":     {1e300, `1e+300`},
		"float64 small":     {1e-7, `1e-07`},
		"float32":           {float32(0.1), `0.1`},
		"NaN":               {math.NaN(), `null`},
		"infinity":          {math.Inf(-1), `null`},
		"time":              {moment, `"2024-02-29T10:00:00.000005Z"`},
		"zero time":         {time.Time{}, `null`},
		"late time":         {time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), `null`},
		"early time":        {time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC), `null`},
		"time by pointer":   {&moment, `"2024-02-29T10:00:00.000005Z"`},
		"no time":           {(*time.Time)(nil), `null`},
		"number by pointer": {&f, `1.5`},
		"bytes":             {[]byte("hi?"), `"aGk/"`},
		"no bytes":          {[]byte(nil), `null`},
		"raw":               {json.RawMessage("{\n \"a\" : [1, 2]\n}"), `{"a":[1,2]}`},
		"no raw":            {json.RawMessage(nil), `null`},
		"strings":           {[]string{"a", "b"}, `["a","b"]`},
		"no strings":        {[]string(nil), `[]`},
		"ints":              {[]int{1, 2}, `[1,2]`},
		"int64s":            {[]int64{1}, `[1]`},
		"floats":            {[]float64{1, math.NaN()}, `[1,null]`},
		"times":             {[]time.Time{moment}, `["2024-02-29T10:00:00.000005Z"]`},
		"raws":              {[]json.RawMessage{json.RawMessage(` 1 `)}, `[1]`},
		"list":              {[]any{1, "a", nil, []any{}}, `[1,"a",null,[]]`},
		"map":               {map[string]any{"b": 1, "a": map[string]any{"\n": math.NaN()}}, `{"a":{"\n":null},"b":1}`},
		"map of strings":    {map[string]string{"b": "2", "a": "1"}, `{"a":"1","b":"2"}`},
		"list of maps":      {[]map[string]any{{"a": math.NaN()}}, `[{"a":null}]`},
		"struct":            {struct{ A, B string }{"<", "&"}, `{"A":"<","B":"&"}`},
		"named type":        {status("<ok>"), `"<ok>"`},
		"json.Number":       {json.Number("12.50"), `12.50`},
		"secret":            {connector.NewSecret("hush"), `"[redacted]"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := connector.NewDocument("1")
			d.Set("before", 1)
			d.Set("k", test.value)
			require.NoError(t, d.Err)
			require.Equal(t, `"before":1,"k":`+test.want, string(d.Fields()))
			d.Release()
		})
	}
}

func TestSetRefuses(t *testing.T) {
	deep := any("end")
	for range 102 {
		deep = []any{deep}
	}
	deepMap := any("end")
	for range 102 {
		deepMap = map[string]any{"a": deepMap}
	}
	tests := map[string]struct {
		value any
		says  string
	}{
		"function":    {func() {}, "unsupported type"},
		"channel":     {map[string]any{"a": make(chan int)}, "unsupported type"},
		"invalid raw": {json.RawMessage(`{"a":`), "unexpected end"},
		"deep list":   {deep, "nested deeper than 100 levels"},
		"deep map":    {deepMap, "nested deeper than 100 levels"},
		"NaN inside":  {struct{ F float64 }{math.NaN()}, "unsupported value"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := connector.NewDocument("1")
			d.Set("a", 1)
			d.Set("id", test.value)
			d.Set("b", 2)
			require.ErrorContains(t, d.Err, test.says)
			require.ErrorContains(t, d.Err, `field "id"`)
			require.Equal(t, `"a":1,"b":2`, string(d.Fields()), "the field is left out")
			require.Empty(t, d.Renamed())
		})
	}
}

func TestDepthThatFits(t *testing.T) {
	value := any(1)
	for range 100 {
		value = []any{value}
	}
	d := connector.NewDocument("1")
	d.Set("a", value)
	require.NoError(t, d.Err)
	require.Equal(t, `"a":`+strings.Repeat("[", 100)+"1"+strings.Repeat("]", 100), string(d.Fields()))
}

func TestFirstErrorStays(t *testing.T) {
	d := connector.NewDocument("1")
	d.Set("a", func() {})
	d.Set("b", func() {})
	require.ErrorContains(t, d.Err, `"a"`)
}

func TestSetRaw(t *testing.T) {
	d := connector.NewDocument("1")
	d.SetRaw("a", []byte("{\n\t\"b\":\r\n1}"))
	d.SetRaw("c", nil)
	require.Equal(t, "\"a\":{ \t\"b\":  1},\"c\":null", string(d.Fields()), "no line breaks: one would end a bulk line")
	require.True(t, json.Valid([]byte("{"+string(d.Fields())+"}")))
}

func TestAppendTime(t *testing.T) {
	require.Equal(t, `x"2024-02-29T10:00:00.000005Z"`, string(connector.AppendTime([]byte("x"), moment)))
	require.Equal(t, `"0000-01-01T00:00:00Z"`, string(connector.AppendTime(nil, time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC))))
	require.Equal(t, `null`, string(connector.AppendTime(nil, time.Time{})))
}

// FuzzAppendString compares with encoding/json: the same text comes back.
func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "plain", "\"\\\n\x00\x7f", "é\u2028\u2029😀", "\xff\xc3(\xed\xa0\x80", "</script>&"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := connector.AppendString(nil, s)
		require.Equal(t, string(got), string(connector.AppendText(nil, []byte(s))))
		encoded, err := json.Marshal(s)
		require.NoError(t, err)
		var want, text string
		require.NoError(t, json.Unmarshal(encoded, &want))
		require.NoError(t, json.Unmarshal(got, &text), "%q", got)
		require.Equal(t, want, text)
		require.NotContains(t, string(got), "\n")
	})
}

// FuzzSet compares values of any shape with encoding/json.
func FuzzSet(f *testing.F) {
	for _, s := range []string{`1`, `-1.5e300`, `"é\n"`, `[]`, `{}`, `{"a":[1,{"b":null}],"":true}`, `[[[[1]]]]`, `1e400`} {
		f.Add("key", s)
	}
	f.Fuzz(func(t *testing.T, key, text string) {
		var value any
		if json.Unmarshal([]byte(text), &value) != nil {
			return
		}
		want, err := json.Marshal(value)
		require.NoError(t, err)
		for name, v := range map[string]any{"value": value, "raw": json.RawMessage(text)} {
			d := connector.NewDocument("1")
			d.Set(key, v)
			if d.Err != nil {
				require.ErrorContains(t, d.Err, "nested deeper", name)
				return
			}
			var fields map[string]json.RawMessage
			require.NoError(t, json.Unmarshal([]byte("{"+string(d.Fields())+"}"), &fields))
			require.Len(t, fields, 1)
			for stored, got := range fields {
				require.JSONEq(t, string(want), string(got), name)
				require.False(t, connector.ReservedField(stored), stored)
			}
			d.Release()
		}
	})
}
