package faults_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/embedded"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/service"
	"github.com/tributary-search/tributary/runtime/settings"
	"github.com/tributary-search/tributary/tools/faults/proxy"
)

// throttled is how many documents a run of the benchmark has.
const throttled = 100_000

// BenchmarkThrottle compares the time of a first sync whose items are refused
// (429) three times of ten with one that nothing disturbs. Both go through the
// same proxy, which looks at every item, to an embedded node; settings and waits
// are the product's own. They run in turns. The metric x is the ratio of the
// shortest times, which other load on the machine disturbs least; x-cpu is that
// of the CPU of client, proxy and node together.
//
//	go test ./tools/faults -run '^$' -bench Throttle -benchtime 5x
func BenchmarkThrottle(b *testing.B) {
	node, err := embedded.Open(b.TempDir(), embedded.Options{})
	require.NoError(b, err)
	defer func() { require.NoError(b, node.Close()) }()
	web := httptest.NewServer(node.Handler())
	defer web.Close()
	p := proxy.New(b, web.URL)
	var wall, cpu [2][]float64
	for turn := 0; b.Loop(); turn++ {
		for i, percent := range []int{0, 30} {
			used, began := cpuTime(), time.Now()
			throttledRun(b, p, fmt.Sprintf("throttle-%d-%d", turn, i), percent)
			wall[i] = append(wall[i], time.Since(began).Seconds())
			cpu[i] = append(cpu[i], (cpuTime() - used).Seconds())
		}
	}
	undisturbed, refused := slices.Min(wall[0]), slices.Min(wall[1])
	b.ReportMetric(undisturbed, "s-undisturbed")
	b.ReportMetric(refused, "s-refused")
	b.ReportMetric(refused/undisturbed, "x")
	b.ReportMetric(slices.Min(cpu[1])/slices.Min(cpu[0]), "x-cpu")
	b.ReportMetric(0, "ns/op")
}

// cpuTime is what this process has used.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// throttledRun is one first sync; every document must arrive.
func throttledRun(b *testing.B, p *proxy.Proxy, index string, percent int) {
	p.Forget()
	d := &dice{}
	p.Answer(func(r *http.Request) *proxy.Answer {
		if !proxy.IsBulk(r) {
			return nil
		}
		return proxy.RefuseItems(readAll(r), func(i proxy.Item) (int, string, string) {
			if below(i.ID, d.came(i.ID), percent) {
				return http.StatusTooManyRequests, rejected, busy
			}
			return 0, "", ""
		})
	})
	client, err := elastic.New(elastic.Config{URL: p.URL(), Log: slog.New(slog.DiscardHandler)})
	require.NoError(b, err)
	defer client.Close()
	s, done, err := service.Content{
		Settings: settings.Default(), Client: client, Index: index, Source: newShelf(throttled), Owner: job.Owner("throttle"),
		Log: slog.New(slog.DiscardHandler), Now: time.Now,
	}.Sync(context.Background())
	require.NoError(b, err)
	require.NoError(b, s.Run(context.Background()))
	require.NoError(b, done())
	require.EqualValues(b, throttled, s.Counters().Created)
	require.NoError(b, client.Index(index).Delete(context.Background()))
}
