package faults_test

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
	"github.com/tributary-search/tributary/tools/faults/paper"
	ftest "github.com/tributary-search/tributary/tools/ftest/trial"
)

// manySyncs is how often F29 syncs. By hand: TRIBUTARY_FAULT_SYNCS=1000.
const manySyncs = 150

// sample is what a process has.
type sample struct{ rss, goroutines, descriptors float64 }

// soak is F29: many syncs in one process, full and incremental, of documents
// that change in between. What the process has must not grow: the medians of
// the second and the last third are compared, so that neither the start nor one
// moment decides.
func soak(t *testing.T, x *trial) {
	syncs := numberOf(t, "TRIBUTARY_FAULT_SYNCS", manySyncs)
	y := newYard(t, x)
	r := y.serve("serve-1", y.gate("1"), "service.idling=10ms", "service.metrics_address=127.0.0.1:0", "service.max_concurrent_content_syncs=5")
	url := metricsOf(t, r)
	const connectors = 5 // whose jobs run beside each other
	y.paper.put(300)
	for i := range connectors {
		y.connect(fmt.Sprintf("f29-%d", i), paper.Config{Journal: y.paper.path})
	}
	dice := rand.New(rand.NewPCG(29, 2))
	var samples []sample
	for n := range syncs / connectors {
		y.paper.change(15, dice) // few: the source holds its journal in memory
		kind := protocol.Full
		if n%2 == 1 {
			kind = protocol.Incremental
		}
		var jobs []string
		for i := range connectors {
			jobs = append(jobs, y.demand(fmt.Sprintf("f29-%d", i), kind))
		}
		for _, id := range jobs {
			y.await(id, job.Completed)
		}
		samples = append(samples, take(t, r, url))
	}
	for i := range connectors {
		y.equal(fmt.Sprintf("f29-%d", i))
	}
	y.judged()
	third := len(samples) / 3
	middle, last := samples[third:2*third], samples[2*third:]
	for _, c := range []struct {
		name  string
		value func(sample) float64
		slack float64
	}{
		{"RSS in MiB", func(s sample) float64 { return s.rss }, 4},
		{"goroutines", func(s sample) float64 { return s.goroutines }, 2},
		{"file descriptors", func(s sample) float64 { return s.descriptors }, 2},
	} {
		before, after := median(middle, c.value), median(last, c.value)
		t.Logf("%s: first %.1f, median of the second third %.1f, of the last %.1f, slope %.4f a round of 5 syncs", c.name, c.value(samples[0]), before, after, slope(samples[third:], c.value))
		require.LessOrEqual(t, after, before*1.05+c.slack, "%s grow over %d syncs", c.name, syncs)
	}
	x.held("I1 ids", "I2 contents", "I5 counters", "I6 nothing left over")
}

// metricsOf is where a service tells about itself.
func metricsOf(t *testing.T, r *ftest.Running) string {
	t.Helper()
	line, err := r.Await(t.Context(), "serving")
	require.NoError(t, err)
	var said struct{ Metrics string }
	require.NoError(t, json.Unmarshal(line, &said))
	return "http://" + said.Metrics + "/metrics"
}

// take asks the process and the system.
func take(t *testing.T, r *ftest.Running, url string) (s sample) {
	t.Helper()
	res, err := http.Get(url)
	require.NoError(t, err)
	defer res.Body.Close()
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), "go_goroutines "); ok {
			_, err := fmt.Sscan(text, &s.goroutines)
			require.NoError(t, err)
		}
		if text, ok := strings.CutPrefix(lines.Text(), "process_resident_memory_bytes "); ok {
			_, err := fmt.Sscan(text, &s.rss)
			require.NoError(t, err)
			s.rss /= 1 << 20
		}
	}
	list, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", r.PID()))
	require.NoError(t, err)
	s.descriptors = float64(len(list))
	require.Positive(t, min(s.rss, s.goroutines, s.descriptors))
	return s
}

func median(list []sample, value func(sample) float64) float64 {
	values := make([]float64, len(list))
	for i, s := range list {
		values[i] = value(s)
	}
	slices.SortFunc(values, cmp.Compare[float64])
	return values[len(values)/2]
}

// slope is the median of the slopes between points that are half of all apart,
// which single points do not move.
func slope(list []sample, value func(sample) float64) float64 {
	half := len(list) / 2
	slopes := make([]sample, half)
	for i := range slopes {
		slopes[i].rss = (value(list[i+half]) - value(list[i])) / float64(half)
	}
	return median(slopes, func(s sample) float64 { return s.rss })
}
