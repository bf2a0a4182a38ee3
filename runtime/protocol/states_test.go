package protocol_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/protocol"
)

func sprintf(format string, args ...any) string { return fmt.Sprintf(format, args...) }

func edges[S ~string](table []protocol.Transition[S]) (all []string) {
	for _, t := range table {
		all = append(all, string(t.From)+" > "+string(t.To))
	}
	return all
}

// The tables are the graphs of Elasticsearch's own API. Staying is not listed.
func TestTables(t *testing.T) {
	require.ElementsMatch(t, []string{
		" > created", " > needs_configuration",
		"created > needs_configuration", "created > error",
		"needs_configuration > configured", "needs_configuration > error",
		"configured > needs_configuration", "configured > connected", "configured > error",
		"connected > configured", "connected > error",
		"error > connected", "error > configured",
	}, edges(protocol.ConnectorTransitions()))
	require.ElementsMatch(t, []string{
		" > pending",
		"pending > in_progress", "pending > canceled",
		"in_progress > canceling", "in_progress > completed", "in_progress > suspended", "in_progress > error",
		"suspended > in_progress", "suspended > canceled",
		"canceling > canceled", "canceling > error",
	}, edges(protocol.JobTransitions()))
	for _, row := range protocol.JobTransitions() {
		require.NotEmpty(t, row.Event)
		require.NotEmpty(t, row.Who)
	}
}

func TestTimes(t *testing.T) {
	want := time.Date(2024, 5, 1, 10, 0, 0, 0, time.UTC)
	for _, text := range []string{
		`"2024-05-01T10:00:00Z"`, `"2024-05-01T10:00:00"`, `"2024-05-01 10:00:00"`, `"2024-05-01T10:00:00.000000+00:00"`,
		`"2024-05-01T12:00:00+02:00"`, `"2024-05-01T12:00:00+0200"`, `"2024-05-01T12:00:00+02"`, `"2024-05-01T10:00"`, `"2024-05-01t10:00:00z"`,
		`1714557600000`, `"1714557600000"`,
	} {
		conn, err := protocol.ParseConnector("c", protocol.Version{}, []byte(`{"last_seen":`+text+`}`))
		require.NoError(t, err)
		require.Equal(t, want, conn.LastSeen, text)
	}
	for _, text := range []string{`null`, `""`, `"soon"`, `{}`, `true`, `"2024-13-01T10:00:00"`} {
		conn, err := protocol.ParseConnector("c", protocol.Version{}, []byte(`{"last_seen":`+text+`}`))
		require.NoError(t, err)
		require.True(t, conn.LastSeen.IsZero(), text)
	}
	require.Equal(t, "2024-05-01T10:00:00.000000+00:00", protocol.FormatTime(want.In(time.FixedZone("", 7200))))
}

func TestMerge(t *testing.T) {
	for _, test := range []struct{ stored, want string }{
		{`{"a":{"b":1.0,"c":2},"d":[1]}`, `{"a":{"b":1.0,"c":"<3>"},"d":[1],"e":null}`},
		{`null`, `{"a":{"c":"<3>"},"e":null}`},
		{`{"a":7}`, `{"a":{"c":"<3>"},"e":null}`},
	} {
		got, err := protocol.Merge([]byte(test.stored), map[string]any{"a": map[string]any{"c": "<3>"}, "e": nil})
		require.NoError(t, err)
		require.Equal(t, test.want, string(got))
	}
}

func TestMiB(t *testing.T) {
	require.EqualValues(t, 0, protocol.MiB(1<<19-1))
	require.EqualValues(t, 1, protocol.MiB(1<<19))
	require.EqualValues(t, 2, protocol.MiB(2<<20))
}
