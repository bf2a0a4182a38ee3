package trial

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connectortest"
)

func TestNumbersCompareByValue(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0", "-0": "0", "0.000": "0", "0e7": "0", "1": "1", "10": "10", "1.50": "1.5", "15e-1": "1.5", "0.15E1": "1.5", "-1.5": "-1.5",
		"18446744073709551615": "18446744073709551615", "1e3": "1000", "1E+3": "1000", "0.001": "0.001", "100.0": "100", "-12.340": "-12.34",
		"1e100": "1e100", "10e99": "1e100", "1e-100": "1e-100", "0.1e-99": "1e-100", "1.0000000000000000000000001": "1.0000000000000000000000001",
		"1e99999999999999999999": "1e99999999999999999999",
	} {
		require.Equal(t, want, number(text), text)
	}
}

func expected(documents ...connectortest.Expected) iter.Seq[connectortest.Expected] {
	return slices.Values(documents)
}

// stored is what an index holds: id and source in turn.
func stored(words ...string) iter.Seq2[document, error] {
	return func(yield func(document, error) bool) {
		for pair := range slices.Chunk(words, 2) {
			if !yield(document{pair[0], []byte(pair[1])}, nil) {
				return
			}
		}
	}
}

func TestEqualIndices(t *testing.T) {
	truth := expected(
		connectortest.Expected{ID: "1", Fields: []byte(`{"price": 1.50, "list": [1, {"b": 2e0, "a": null}]}`)},
		connectortest.Expected{ID: "2", Fields: []byte(`{"_timestamp": "2026-01-01T00:00:00Z"}`)},
	)
	want, err := remember(truth)
	require.NoError(t, err)
	c, err := want.compare(stored(
		"2", `{"id":"2","_timestamp":"2026-01-01T00:00:00Z","_fingerprint":"x.y"}`,
		"1", `{"id":"1","list":[1.0,{"a":null,"b":2}],"price":15e-1,"_timestamp":"any","_allow_access_control":["a"]}`,
	), truth)
	require.NoError(t, err)
	require.True(t, c.equal(), c.String())
	require.Equal(t, 2, c.documents)
}

func TestDifferencesShowBothSides(t *testing.T) {
	long := strings.Repeat("x", 500)
	truth := expected(
		connectortest.Expected{ID: "same", Fields: []byte(`{}`)},
		connectortest.Expected{ID: "rounded", Fields: []byte(`{"price": 1.255, "kept": 1, "lost": true}`)},
		connectortest.Expected{ID: "long", Fields: []byte(`{"body": "` + long + `a"}`)},
		connectortest.Expected{ID: "gone", Fields: []byte(`{"a": 1}`)},
		connectortest.Expected{ID: "time", Fields: []byte(`{"_timestamp": "2026-01-01T00:00:00Z"}`)},
	)
	want, err := remember(truth)
	require.NoError(t, err)
	c, err := want.compare(stored(
		"same", `{"id":"same"}`,
		"rounded", `{"id":"rounded","price":1.26,"kept":1.0,"more":[]}`,
		"long", `{"id":"long","body":"`+long+`b"}`,
		"time", `{"id":"other","_timestamp":"2026-01-02T00:00:00Z"}`,
		"extra", `{"id":"extra","a":2}`,
	), truth)
	require.NoError(t, err)
	text := c.String()
	for _, part := range []string{
		"the index holds 5 documents; missing 1, unexpected 1, different 3; the first:",
		"\"rounded\"\n    lost\n      expected  true\n      index     (no such field)\n" +
			"    more\n      expected  (no such field)\n      index     []\n    price\n      expected  1.255\n      index     1.26\n",
		`a"` + "\n      index     …", `b"` + "\n",
		"    _timestamp\n      expected  \"2026-01-01T00:00:00Z\"\n      index     \"2026-01-02T00:00:00Z\"\n    id\n      expected  (no such field)\n",
		`"extra" is not expected; in the index: {"a":2}`,
		`"gone" is missing; expected: {"a":1}`,
	} {
		require.Contains(t, text, part)
	}
}

func TestFiveDifferencesAreShown(t *testing.T) {
	var many []connectortest.Expected
	for i := range 1000 {
		many = append(many, connectortest.Expected{ID: fmt.Sprint(i), Fields: []byte(`{}`)})
	}
	want, err := remember(expected(many...))
	require.NoError(t, err)
	c, err := want.compare(stored(), expected(many...))
	require.NoError(t, err)
	require.Contains(t, c.String(), "missing 1,000")
	require.Equal(t, shown, strings.Count(c.String(), "is missing"))
}

func TestWhatIsNoTruth(t *testing.T) {
	for text, truth := range map[string]iter.Seq[connectortest.Expected]{
		"no document at all": expected(),
		"no JSON object":     expected(connectortest.Expected{ID: "1", Fields: []byte(`[]`)}),
		"more than one":      expected(connectortest.Expected{ID: "1", Fields: []byte(`{}{}`)}),
		`"1" twice`:          expected(connectortest.Expected{ID: "1", Fields: []byte(`{}`)}, connectortest.Expected{ID: "1", Fields: []byte(`{}`)}),
	} {
		_, err := remember(truth)
		require.ErrorContains(t, err, text)
	}
	want, err := remember(expected(connectortest.Expected{ID: "1", Fields: []byte(`{}`)}))
	require.NoError(t, err)
	broken := errors.New("broken")
	_, err = want.compare(func(yield func(document, error) bool) { yield(document{}, broken) }, expected())
	require.ErrorIs(t, err, broken)
	_, err = want.compare(stored("1", `{`), expected())
	require.ErrorContains(t, err, `document "1" of the index`)
}
