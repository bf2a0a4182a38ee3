package job_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/job"
)

// tuned is a source that wants limits of its own.
type tuned struct {
	connector.Source
	want connector.BulkLimits
}

func (s tuned) TuneBulk(connector.BulkLimits) connector.BulkLimits { return s.want }

func TestSourcesTuneLimitsWithinBounds(t *testing.T) {
	settings := connector.BulkLimits{Downloads: 10, BatchDocs: 500, BatchSize: 1 << 20}
	tests := []struct {
		why        string
		want, gets connector.BulkLimits
	}{
		{"downloads are taken as they are", connector.BulkLimits{Downloads: 100}, connector.BulkLimits{Downloads: 100, BatchDocs: 500, BatchSize: 1 << 20}},
		{"batches get smaller", connector.BulkLimits{Downloads: 1, BatchDocs: 10, BatchSize: 1000}, connector.BulkLimits{Downloads: 1, BatchDocs: 10, BatchSize: 1000}},
		{"but not larger", connector.BulkLimits{BatchDocs: 501, BatchSize: 2 << 20}, settings},
		{"what is below 1 changes nothing", connector.BulkLimits{Downloads: -1, BatchDocs: -1, BatchSize: -1}, settings},
	}
	for _, test := range tests {
		require.Equal(t, test.gets, job.Limits(tuned{want: test.want}, settings), test.why)
	}
	require.Equal(t, settings, job.Limits(docs{}, settings), "a source without wishes")
}
