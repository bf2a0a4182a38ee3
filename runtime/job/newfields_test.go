package job_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/job"
)

// drain is a sink that takes everything.
type drain struct{ documents int }

func (d *drain) Put(context.Context, string, string, []byte, string) error { d.documents++; return nil }
func (d *drain) Delete(context.Context, string, int64, int64) error        { return nil }
func (d *drain) Flush(context.Context) error                               { return nil }
func (d *drain) Counts() map[string]int64                                  { return nil }

func TestFieldsNamedAfterData(t *testing.T) {
	for name, c := range map[string]struct {
		document func(i int) string
		warns    int
	}{
		"the same fields":              {func(i int) string { return fmt.Sprintf(`{"a":%d,"b":{"c":"d"}}`, i) }, 0},
		"no document":                  {func(int) string { return "5" }, 0},
		"a new field each":             {func(i int) string { return fmt.Sprintf(`{"a":1,"f%d":2}`, i) }, 1},
		"a new field in an object":     {func(i int) string { return fmt.Sprintf(`{"a":{"b":{"f%d":2}}}`, i) }, 1},
		"every second one":             {func(i int) string { return fmt.Sprintf(`{"f%d":2}`, i/2) }, 1},
		"one in a hundred":             {func(i int) string { return fmt.Sprintf(`{"f%d":2}`, i/100) }, 1},
		"some at first":                {func(i int) string { return fmt.Sprintf(`{"f%d":2}`, min(i, 40)) }, 0},
		"from some document on":        {func(i int) string { return fmt.Sprintf(`{"f%d":2}`, max(i, 5000)) }, 1},
		"a broken document":            {func(i int) string { return fmt.Sprintf(`{"f%d":2`, i) }, 1},
		"one document of 20,000 names": {func(i int) string { return "{" + strings.TrimSuffix(manyNames(i), ",") + "}" }, 0},
	} {
		var log bytes.Buffer
		to := &drain{}
		sink := job.WatchFields(to, slog.New(slog.NewTextHandler(&log, nil)))
		for i := range 20_000 {
			require.NoError(t, sink.Put(t.Context(), job.Create, "x", []byte(c.document(i)), ""))
		}
		require.Equal(t, c.warns, strings.Count(log.String(), "level=WARN"), "%s: %s", name, log.String())
		require.Equal(t, 20_000, to.documents)
	}
}

func manyNames(i int) string {
	if i != 3 {
		return `"a":1`
	}
	var b strings.Builder
	for n := range 20_000 {
		fmt.Fprintf(&b, `"n%d":1,`, n)
	}
	return b.String()
}
