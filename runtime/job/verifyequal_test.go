package job_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/job"
)

// TestCompareByValue: pairs that mean the same, and pairs that do not.
func TestCompareByValue(t *testing.T) {
	for _, c := range []struct {
		want, have string
		differ     string // name and kind of each field
	}{
		{`{}`, `{}`, ""},
		{`{"a":1,"b":[1,{"c":null}]}`, "{ \"b\" : [ 1 , {\"c\":null} ] ,\n\"a\":1 }", ""},
		{`{"a":1}`, `{"a":1.0}`, ""},
		{`{"a":100}`, `{"a":1e2}`, ""},
		{`{"a":-0}`, `{"a":0.00}`, ""},
		{`{"a":0.5e-3}`, `{"a":0.00050}`, ""},
		{`{"a":123456789012345678901234567890}`, `{"a":123456789012345678901234567890.0}`, ""},
		{`{"a":9007199254740993}`, `{"a":9007199254740992}`, "a changed"},
		{`{"a":1}`, `{"a":-1}`, "a changed"},
		{`{"a":1}`, `{"a":10}`, "a changed"},
		{`{"a":1}`, `{"a":"1"}`, "a changed"},
		{`{"a":1}`, `{"a":true}`, "a changed"},
		{`{"a":"é\n\u00e9/"}`, `{"a":"\u00e9\u000aé\/"}`, ""},
		{`{"a":"x"}`, `{"a":"y"}`, "a changed"},
		{`{"a":"\\"}`, `{"a":"\""}`, "a changed"},
		{`{"\u0061":1}`, `{"a":1}`, ""},
		{`{"a":[1,2]}`, `{"a":[2,1]}`, "a changed"},
		{`{"a":[1]}`, `{"a":[1,1]}`, "a changed"},
		{`{"a":[]}`, `{"a":[ ]}`, ""},
		{`{"a":[]}`, `{"a":{}}`, "a changed"},
		{`{"a":{"b":1,"c":2}}`, `{"a":{"c":2,"b":1}}`, ""},
		{`{"a":{"b":{"c":1,"d":2},"e":3}}`, `{"a":{"b":{"c":2,"d":2},"f":3}}`, "a.b.c changed, a.e absent, a.f added"},
		{`{"a":[{"b":1}]}`, `{"a":[{"b":2}]}`, "a changed"},
		{`{"a":null}`, `{}`, "a absent_null"},
		{`{}`, `{"a":null}`, "a added_null"},
		{`{"a":1}`, `{"a":null}`, "a null"},
		{`{"a":null}`, `{"a":1}`, "a not_null"},
		{`{"a":1}`, `{}`, "a absent"},
		{`{}`, `{"a":1}`, "a added"},
		{`{"a":1}`, `{"a":1,"a":1}`, "a repeated"},
		{`{"a":1,"a":2}`, `{"a":1}`, "a repeated"},
		{`{"a":1,"a":2}`, `{"a":1,"a":2}`, ""},
		{`{"_timestamp":1,"_fingerprint":"x"}`, `{"_timestamp":2}`, ""},
		{`{"flag":true}`, `{}`, ""}, // what tells a pipeline what to do
		{`{"_allow_access_control":["a","b"]}`, `{"_allow_access_control":["b","a","a"]}`, ""},
		{`{"_allow_access_control":["a"]}`, `{"_allow_access_control":["a","b"]}`, "_allow_access_control changed"},
		{`{"_allow_access_control":["a"]}`, `{"_allow_access_control":"a"}`, "_allow_access_control changed"},
		{`{"_allow_access_control":["a"]}`, `{}`, "_allow_access_control absent"},
		{`{}`, `{"body":"text"}`, "body added"},
	} {
		t.Run(c.want+" "+c.have, func(t *testing.T) {
			require.Equal(t, c.differ, compared(t, job.Verification{}, c.want, c.have))
		})
	}
}

func compared(t *testing.T, o job.Verification, want, have string) string {
	t.Helper()
	fields, _, err := job.NewComparison(o, `"flag":true`).Compare([]byte(want), []byte(have))
	require.NoError(t, err)
	var words []string
	for _, f := range fields {
		words = append(words, f.Name+" "+string(f.Kind))
	}
	return strings.Join(words, ", ")
}

func TestCompareWithoutContents(t *testing.T) {
	o := job.Verification{NoContent: true}
	require.Empty(t, compared(t, o, `{"a":1}`, `{"a":1,"body":"text","_attachment":"eA=="}`))
	require.Equal(t, "body changed", compared(t, o, `{"body":"of the source"}`, `{"body":"text"}`), "the source's own")
	require.Equal(t, "body absent", compared(t, o, `{"body":"of the source"}`, `{}`))
}

// TestCompareBesidesAPipeline: Elasticsearch writes numbers anew when a
// pipeline touched their document, as it holds them.
func TestCompareBesidesAPipeline(t *testing.T) {
	o := job.Verification{Touches: func(field string) bool { return strings.HasPrefix(field, "p") }}
	c := job.NewComparison(o, "")
	fields, _, err := c.Compare([]byte(`{"a":0.1234567890123456789,"p1":1,"p2":2,"b":1}`), []byte(`{"a":0.12345678901234568,"p1":2,"p3":2,"b":2}`))
	require.NoError(t, err)
	require.Equal(t, []job.FieldDifference{{Name: "b", Kind: job.Changed}}, fields)
	require.Equal(t, []string{"p1", "p2", "p3"}, c.Unjudged())
}

func TestCompareNamesTwentyFields(t *testing.T) {
	var want []string
	for i := range 100 {
		want = append(want, fmt.Sprintf(`"f%02d":%d`, i, i))
	}
	fields, more, err := job.NewComparison(job.Verification{}, "").Compare([]byte("{"+strings.Join(want, ",")+"}"), []byte(`{}`))
	require.NoError(t, err)
	require.Len(t, fields, 20)
	require.Equal(t, 80, more)
}

// TestCompareWideObjects: the order of a thousand members costs no second.
func TestCompareWideObjects(t *testing.T) {
	var want, have []string
	for i := range 20_000 {
		want = append(want, fmt.Sprintf(`"f%d":%d`, i, i))
		have = append(have, fmt.Sprintf(`"f%d":%d`, i, i))
	}
	slices.Reverse(have)
	have[0] = `"f19999":0`
	require.Equal(t, "o.f19999 changed", compared(t, job.Verification{}, `{"o":{`+strings.Join(want, ",")+`}}`, `{"o":{`+strings.Join(have, ",")+`}}`))
}

func TestCompareDeepValues(t *testing.T) {
	deep := func(n int, inner string) string {
		return `{"a":` + strings.Repeat("[", n) + inner + strings.Repeat("]", n) + `}`
	}
	require.Empty(t, compared(t, job.Verification{}, deep(100, "1"), deep(100, "1.0")))
	require.Empty(t, compared(t, job.Verification{}, deep(100_000, "1"), deep(100_000, "1")))
	require.Equal(t, "a changed", compared(t, job.Verification{}, deep(100_000, "1"), deep(100_000, "2")))
}

func TestCompareWhatIsNoDocument(t *testing.T) {
	for _, stored := range []string{``, `null`, `[]`, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":"`, `{"a":"\`, `{a:1}`, `{"a":1}}`, `{"a":{]`, `{"a":,}`} {
		_, _, err := job.NewComparison(job.Verification{}, "").Compare([]byte(`{"a":1}`), []byte(stored))
		require.ErrorContains(t, err, "--fast", "%q", stored)
	}
}

// FuzzCompare holds the comparison against one that decodes everything.
func FuzzCompare(f *testing.F) {
	for _, pair := range [][2]string{
		{`{"a":[1,2,{"b":"\u00e9"}],"c":1e3}`, `{"c":1000,"a":[1.0,2,{"b":"é"}]}`},
		{`{"a":null,"b":{}}`, `{"b":{}}`}, {`{"a":0.1e-7}`, `{"a":1e-8}`}, {`{"":1}`, `{"":2}`}, {`{"a":"\ud800"}`, `{"a":"\ufffd"}`},
	} {
		f.Add([]byte(pair[0]), []byte(pair[1]))
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		fields, _, err := job.NewComparison(job.Verification{}, "").Compare(a, b)
		x, okA := decoded(a)
		y, okB := decoded(b)
		if !okA || !okB || bytes.Contains(a, []byte(`"_`)) || bytes.Contains(b, []byte(`"_`)) {
			return
		}
		require.NoError(t, err)
		require.Equal(t, x == y, len(fields) == 0, "%s\n%s", a, b)
	})
}

// decoded is an object without repeated members in one way of writing; its
// numbers are exact.
func decoded(raw []byte) (string, bool) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var o map[string]any
	if !json.Valid(raw) || dec.Decode(&o) != nil || o == nil {
		return "", false
	}
	again, err := json.Marshal(o)
	if err != nil || bytes.Count(again, []byte(`":`)) != bytes.Count(raw, []byte(`":`)) {
		return "", false // repeated members, or texts that look like some
	}
	exact, ok := exactly(o)
	again, err = json.Marshal(exact)
	return string(again), ok && err == nil
}

func exactly(v any) (any, bool) {
	ok := true
	switch v := v.(type) {
	case map[string]any:
		for key, inner := range v {
			var good bool
			v[key], good = exactly(inner)
			ok = ok && good
		}
	case []any:
		for i, inner := range v {
			var good bool
			v[i], good = exactly(inner)
			ok = ok && good
		}
	case json.Number:
		if at := strings.IndexAny(string(v), "eE"); at >= 0 && len(v)-at > 5 {
			return nil, false // it would be too long
		}
		r, good := new(big.Rat).SetString(string(v))
		if !good {
			return nil, false
		}
		return map[string]any{"\x00number": r.RatString()}, true
	}
	return v, ok
}

// BenchmarkCompare is one document of 500 bytes that is equal.
func BenchmarkCompare(b *testing.B) {
	wanted, stored := benchmarkDocument("2026-01-02T03:04:05Z"), benchmarkDocument("2026-05-06T07:08:09Z")
	c := job.NewComparison(job.Verification{}, "")
	b.SetBytes(int64(len(wanted)))
	b.ReportAllocs()
	for b.Loop() {
		if fields, _, err := c.Compare(wanted, stored); err != nil || len(fields) > 0 {
			b.Fatal(fields, err)
		}
	}
}

func benchmarkDocument(when string) []byte {
	return fmt.Appendf(nil, `{"title":"A title of some words","text":%q,"author":{"name":"a","mail":"a@example.org"},"tags":["x","y","z"],`+
		`"size":12345,"price":12.5,"open":true,"id":"doc-1","_timestamp":%q,"_fingerprint":"5d41402a.0123456789abcdefghijkl"}`,
		strings.Repeat("word ", 56), when)
}
