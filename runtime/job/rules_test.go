package job_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/rules"
)

// excluding compiles basic rules that exclude documents with this value.
func excluding(t *testing.T, value string) *rules.Set {
	t.Helper()
	f := rules.ParseFilter([]byte(`[{"id":"r1","policy":"exclude","field":"v","rule":"equals","value":"` + value + `","order":1}]`))
	v := f.Validate(t.Context(), rules.AllFeatures(), rules.Validators{})
	require.NoError(t, v.Err())
	set, err := f.Compile(rules.AllFeatures())
	require.NoError(t, err)
	return set
}

func TestExcludedDocumentsAreNotIndexed(t *testing.T) {
	x := newIndex(t)
	x.rules = excluding(t, "secret")
	c := x.sync(t, docs{"a": "one", "b": "secret"})
	require.Equal(t, job.Counters{Emitted: 2, Created: 1, Filtered: 1}, c)
	require.Equal(t, map[string]string{"a": "one"}, x.values(t))
}

func TestRuleChangeDeletesWhatItExcludes(t *testing.T) {
	x := newIndex(t)
	x.sync(t, numbered(200))
	x.rules = excluding(t, "one")
	require.Equal(t, job.Counters{Emitted: 200, Filtered: 200, Deleted: 200}, x.sync(t, numbered(200)),
		"what a rule excludes is deleted by decision: the guard has no say")
	require.Empty(t, x.values(t))
}

func TestLastEmissionDecidesWhatRulesSee(t *testing.T) {
	x := newIndex(t)
	x.sync(t, docs{"a": "one", "b": "one"})
	x.rules = excluding(t, "secret")
	twice := func(values ...string) emitter {
		return func(ctx context.Context, emit func(connector.Document) error) error {
			for _, v := range append(values, "one") {
				id := "a"
				if v == "one" {
					id = "b"
				}
				if err := (docs{id: v}).GetDocs(ctx, connector.Filter{}, emit); err != nil {
					return err
				}
			}
			return nil
		}
	}
	require.Equal(t, job.Counters{Emitted: 3, Updated: 1, Unchanged: 1, Filtered: 1}, x.sync(t, twice("secret", "two")))
	require.Equal(t, map[string]string{"a": "two", "b": "one"}, x.values(t))
	require.Equal(t, job.Counters{Emitted: 3, Updated: 1, Unchanged: 1, Filtered: 1, Deleted: 1}, x.sync(t, twice("three", "secret")))
	require.Equal(t, map[string]string{"b": "one"}, x.values(t))
}
