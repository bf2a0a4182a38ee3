package faults_test

import (
	"bytes"
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
		return refuseSome(readAll(r), func(id string) bool { return below(id, d.came(id), percent) })
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

const refusal = `{"create":{"_id":"%s","status":429,"error":{"type":"` + rejected + `","reason":"` + busy + `"}}}`

// refuseSome is [proxy.RefuseItems] for creations alone, without the work of
// reading JSON: what the harness does for an item counts in the times of both.
func refuseSome(body []byte, refuse func(id string) bool) *proxy.Answer {
	var refused []string // by place; empty where the item is passed on
	send := make([]byte, 0, len(body))
	for len(body) > 0 {
		head, rest, _ := bytes.Cut(body, []byte("\n"))
		_, after, _ := bytes.Cut(rest, []byte("\n"))
		_, id, _ := bytes.Cut(head, []byte(`"_id":"`))
		id, _, _ = bytes.Cut(id, []byte(`"`))
		if refuse(string(id)) {
			refused = append(refused, string(id))
		} else {
			refused = append(refused, "")
			send = append(send, body[:len(body)-len(after)]...)
		}
		body = after
	}
	if len(send) == 0 {
		return proxy.Text(http.StatusOK, string(withRefusals(nil, refused)))
	}
	return &proxy.Answer{Send: send, Edit: func(status int, body []byte) (int, []byte) {
		return status, withRefusals(body, refused)
	}}
}

// withRefusals puts those that were refused in their places among the items of
// the server's answer.
func withRefusals(answer []byte, refused []string) []byte {
	_, items, _ := bytes.Cut(answer, []byte(`"items":[`))
	items = bytes.TrimSuffix(items, []byte(`]}`))
	b := append(make([]byte, 0, len(answer)+300*len(refused)), `{"errors":true,"items":[`...)
	for _, id := range refused {
		if id != "" {
			b = append(fmt.Appendf(b, refusal, id), ',')
			continue
		}
		item, rest, more := bytes.Cut(items, []byte(`}},`))
		if b = append(b, item...); more {
			b = append(b, `}}`...)
		}
		b, items = append(b, ','), rest
	}
	return append(bytes.TrimSuffix(b, []byte(`,`)), `]}`...)
}
