package settings_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/settings"
)

// bomb is a text whose aliases would become 10^n values.
func bomb(n int) string {
	var b strings.Builder
	b.WriteString("a0: &a0 [" + strings.Repeat("x,", 9) + "x]\n")
	for i := range n {
		fmt.Fprintf(&b, "a%d: &a%d [%s*a%d]\n", i+1, i+1, strings.Repeat(fmt.Sprintf("*a%d,", i), 9), i)
	}
	return b.String()
}

// TestHostileFiles: a file that is made to cost memory or time is refused with
// a sentence and its place.
func TestHostileFiles(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"a bomb of aliases":       {bomb(20), "are not allowed"},
		"an alias of itself":      {"a: &a [*a]\n", "are not allowed"},
		"merges of merges":        {"a: &a {b: c}\nd: {<<: [*a, *a]}\n", "are not allowed"},
		"deep lists":              {"data: " + strings.Repeat("[", 200_000) + "\n", "is no YAML"},
		"deep sections":           {"data: " + strings.Repeat("{a: ", 50_000) + "\n", "is no YAML"},
		"deep and closed":         {"data: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "\n", "must be a single value, not a list"},
		"deep by indentation":     {"data:\n" + indented(1200), "data: must be a single value, not a section"},
		"more than 1 MiB":         {strings.Repeat("# comment\n", 110_000), "is larger than 1 MiB"},
		"many unknown keys":       {keys(20_000), "unknown setting k19999"},
		"a long key":              {strings.Repeat("k", 100_000) + ": v\n", "is no YAML"},
		"NUL":                     {"data: a\x00b\n", "is no YAML"},
		"no UTF-8":                {"data: \xff\xfe\xfd\n", "is no YAML"},
		"a tag of another tongue": {"data: !!python/object/apply:os.system [rm]\n", "must be a single value"},
		"a number of 100,000 9s":  {"sync.max_deletes: " + strings.Repeat("9", 100_000) + "\n", "must be a whole number"},
		"a reference in itself":   {"data: ${A}\nlog.level: ${${A}}\n", "is not set"},
		"half a reference":        {"log.level: ${\n", "must be one of"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := settings.Load(settings.Input{File: write(t, c.text), Env: []string{"A=${B}", "B=b"}})
			require.ErrorContains(t, err, c.want)
			require.ErrorAs(t, err, new(settings.Problems))
		})
	}
}

func indented(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i+1) + "a:\n")
	}
	return b.String()
}

func keys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "k%d: v\n", i)
	}
	return b.String()
}

// TestReferencesAreReadOnce: what a variable holds is never looked at again.
func TestReferencesAreReadOnce(t *testing.T) {
	s := load(t, "data: ${A}\nelasticsearch.api_key: ${C}\n", "A=${B}/$HOME", "B=b", "C=file:/etc/passwd")
	require.Equal(t, "${B}/$HOME", s.Data)
	require.Equal(t, "file:/etc/passwd", s.Elasticsearch.APIKey.Reveal())
}
