package rules_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/rules"
)

// fields is a document's encoded fields of an object's text.
func fields(object string) []byte {
	return []byte(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(object), "{"), "}"))
}

// set compiles rules that are given as they are stored.
func set(t testing.TB, stored string) *rules.Set {
	t.Helper()
	list, errs := rules.Parse(json.RawMessage(stored))
	require.Empty(t, errs)
	s, err := rules.Compile(list)
	require.NoError(t, err)
	return s
}

const standard = `{"id":"DEFAULT","policy":"include","field":"_","rule":"regex","value":".*","order":0,` +
	`"created_at":"2024-05-01T10:00:00.000Z","updated_at":"2024-05-01T10:00:00.000Z"}`

func TestTheFirstMatchByOrderDecides(t *testing.T) {
	s := set(t, `[`+standard+`,
		{"id":"late","policy":"exclude","field":"n","rule":">","value":"5","order":10},
		{"id":"early","policy":"INCLUDE","field":"name","rule":"Starts_With","value":"keep","order":2.5},
		{"id":"same","policy":"exclude","field":"name","rule":"starts_with","value":"keep me","order":2.5}]`)
	tests := []struct {
		fields, rule string
		keep         bool
	}{
		{`"name":"keep me","n":9`, "early", true},
		{`"n":9,"name":"other"`, "late", false},
		{`"name":"other"`, rules.DefaultID, true},
	}
	for _, test := range tests {
		keep, rule := s.Decide("1", []byte(test.fields))
		require.Equal(t, test.rule, rule, test.fields)
		require.Equal(t, test.keep, keep, test.fields)
	}
	hits := s.Hits()
	require.Len(t, hits, 4)
	require.Equal(t, "early", hits[0].Rule.ID)
	require.Equal(t, []int64{1, 0, 1, 1}, []int64{hits[0].Hits, hits[1].Hits, hits[2].Hits, hits[3].Hits})
}

// Elastic's service drops the default rule and always includes.
func TestTheDefaultRuleCountsAsStored(t *testing.T) {
	s := set(t, `[{"id":"DEFAULT","policy":"exclude","field":"_","rule":"regex","value":".*","order":0},
		{"id":"a","policy":"include","field":"kind","rule":"equals","value":"page","order":1}]`)
	keep, rule := s.Decide("1", []byte(`"kind":"page"`))
	require.True(t, keep)
	require.Equal(t, "a", rule)
	keep, rule = s.Decide("2", []byte(`"kind":"file"`))
	require.False(t, keep)
	require.Equal(t, rules.DefaultID, rule)
}

func TestNoRulesKeepAll(t *testing.T) {
	var none *rules.Set
	keep, rule := none.Decide("1", []byte(`"a":1`))
	require.True(t, keep)
	require.Empty(t, rule)
	require.Empty(t, none.Hits())
	require.Zero(t, none.Len())
	keep, rule = set(t, `[]`).Decide("1", nil)
	require.True(t, keep)
	require.Empty(t, rule)
}

func TestCompileNamesRulesThatCannotWork(t *testing.T) {
	_, err := rules.Compile([]rules.Rule{
		{ID: "a", Policy: "include", Field: "f", Rule: "equals", Value: "x", Order: "1"},
		{ID: "b", Policy: "maybe", Field: "f", Rule: "equals", Value: "x", Order: "1"},
		{ID: "c", Policy: "include", Field: "f", Rule: "like", Value: "x", Order: "1"},
		{ID: "d", Policy: "include", Field: "f", Rule: "regex", Value: "(", Order: "1"},
		{ID: "e", Policy: "include", Field: "", Rule: "equals", Value: "x", Order: "1"},
		{ID: "f", Policy: "include", Field: "f", Rule: "equals", Value: "x", Order: "x"},
	})
	var problems connector.Problems
	require.ErrorAs(t, err, &problems)
	require.Len(t, problems, 5)
	for i, p := range problems {
		require.Contains(t, p.Message, "basic rule "+string(rune('2'+i)))
	}
}

func TestARuleWorksOnManyDocumentsAtOnce(t *testing.T) {
	s := set(t, `[{"id":"a","policy":"exclude","field":"owner.name","rule":"equals","value":"x\"y","order":1}]`)
	done := make(chan bool)
	for range 4 {
		go func() {
			same := true
			for range 500 {
				keep, _ := s.Decide("1", []byte(`"owner":{"name":"x\"y"}`))
				same = same && !keep
			}
			done <- same
		}()
	}
	for range 4 {
		require.True(t, <-done)
	}
	require.EqualValues(t, 2000, s.Hits()[0].Hits)
}

func TestHugeDocuments(t *testing.T) {
	s := set(t, `[{"id":"a","policy":"exclude","field":"tags.name","rule":"equals","value":"last","order":1},
		{"id":"b","policy":"exclude","field":"body","rule":"ends_with","value":"end\n","order":2}]`)
	list := strings.Repeat(`{"name":"x"},`, 100_000) + `{"name":"last"}`
	keep, rule := s.Decide("1", []byte(`"tags":[`+list+`]`))
	require.False(t, keep)
	require.Equal(t, "a", rule)
	keep, rule = s.Decide("1", []byte(`"body":"`+strings.Repeat(`\"\\`, 1<<20)+`end\n"`))
	require.False(t, keep)
	require.Equal(t, "b", rule)
	deep := bytes.Repeat([]byte{'['}, 1<<20)
	keep, _ = s.Decide("1", append([]byte(`"tags":`), deep...))
	require.True(t, keep)
}
