package cron_test

import (
	"os"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the machine may have no zones

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/cron"
)

// TestOccurrences compares with testdata/occurrences.txt, which was not made by
// this package: a program that tries every date wrote it, and Elasticsearch's
// own parser agrees wherever it has no fault (docs/deviations.md lists those).
func TestOccurrences(t *testing.T) {
	text, err := os.ReadFile("testdata/occurrences.txt")
	require.NoError(t, err)
	rows := 0
	var from time.Time
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		expr, want, isRow := strings.Cut(line, " | ")
		switch {
		case strings.HasPrefix(line, "@ "):
			from = start(t, strings.Fields(line))
		case isRow:
			rows++
			t.Run(expr+" from "+from.String(), func(t *testing.T) {
				require.Equal(t, want, nextFive(t, expr, from))
			})
		}
	}
	require.GreaterOrEqual(t, rows, 150)
}

// start reads "@ ZONE TIME".
func start(t *testing.T, words []string) time.Time {
	t.Helper()
	require.Len(t, words, 3)
	zone, err := time.LoadLocation(words[1])
	require.NoError(t, err)
	from, err := time.ParseInLocation(time.RFC3339, words[2], zone)
	require.NoError(t, err)
	return from.In(zone)
}

// nextFive writes occurrences as the file does.
func nextFive(t *testing.T, expr string, from time.Time) string {
	t.Helper()
	s, err := cron.Parse(expr)
	require.NoError(t, err)
	layout := "Mon 2006-01-02 15:04:05 -07:00"
	if from.Location() == time.UTC {
		layout = "Mon 2006-01-02 15:04:05"
	}
	var all []string
	for len(all) < 5 {
		next, ok := s.Next(from)
		if !ok {
			all = append(all, "end")
			break
		}
		require.Equal(t, from.Location(), next.Location())
		all = append(all, next.Format(layout))
		from = next
	}
	return strings.Join(all, ", ")
}
