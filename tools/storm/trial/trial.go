// Package trial runs the service in a storm: several replicas as real processes
// before one node, each killed, paused and restarted at random, most often in
// the middle of a write, while users make jobs, cancel some, and change what is
// to be synced. What came of it is judged by the log of everything that was
// written.
package trial

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/protocol"
	"github.com/tributary-search/tributary/tools/storm/ledger"
)

// Options of a trial.
type Options struct {
	Program  string // path of the built program
	Dir      string // for data, trees and logs; it must exist
	Jobs     int    // that users make
	Seed     uint64
	Replicas int           // 0: 4
	Lease    time.Duration // 0: 3 s
	Out      io.Writer     // what happens, in short lines; nil: nowhere
}

// Report is what came of a trial.
type Report struct {
	// Violations say what went wrong. There must be none.
	Violations []string
	// Jobs counts jobs by how they ended.
	Jobs map[string]int
	// Weather counts what happened to the replicas and to requests.
	Weather map[string]int
	// Writes, Documents and Takeovers are those of the log.
	Writes, Documents, Takeovers int
	Took                         time.Duration
}

// trial is one run.
type trial struct {
	abandon  context.CancelCauseFunc // ends the trial before its time
	options  Options
	env      []string
	record   *ledger.Record
	weather  *weather
	fleet    *fleet
	node     *process
	nodes    int // counts its processes
	nodeURL  string
	doors    *gateway // the users'
	client   *elastic.Client
	users    []*user
	protocol *protocol.Client

	mu         sync.Mutex
	violations []string
}

// Run makes a trial. The error is that of a trial that could not be made.
func Run(ctx context.Context, o Options) (Report, error) {
	o.Replicas, o.Lease = cmp.Or(o.Replicas, 4), cmp.Or(o.Lease, 3*time.Second)
	if o.Out == nil {
		o.Out = io.Discard
	}
	t := &trial{options: o, env: environment(), record: ledger.NewRecord(), weather: newWeather(o.Seed)}
	t.fleet = newFleet(t)
	ctx, t.abandon = context.WithCancelCause(ctx)
	defer t.abandon(nil)
	err := t.run(ctx)
	report := t.judge()
	report.Took = t.record.Now()
	return report, errors.Join(err, t.record.Store(filepath.Join(o.Dir, "record.jsonl")))
}

// environment is that of this process without what steers the program.
func environment() (list []string) {
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "TRIBUTARY_") && !strings.HasPrefix(e, "ELASTICSEARCH_") {
			list = append(list, e)
		}
	}
	return list
}

func (t *trial) run(ctx context.Context) (err error) {
	if err := t.open(ctx); err != nil {
		return errors.Join(err, t.close())
	}
	defer func() { err = errors.Join(err, t.close()) }()
	if err := t.settleIn(ctx); err != nil {
		return err
	}
	if err := t.fleet.start(); err != nil {
		return err
	}
	t.say("%d replicas, %d connectors, lease %s", len(t.fleet.replicas), len(t.users), t.options.Lease)
	stormy, calm := context.WithCancel(ctx)
	defer calm()
	var gusts, busy sync.WaitGroup
	gusts.Go(func() { t.fleet.gusts(stormy) })
	gusts.Go(func() { t.outages(stormy) })
	for _, u := range t.users {
		busy.Go(func() { u.live(ctx) })
	}
	busy.Wait()
	t.weather.settle()
	calm()
	gusts.Wait()
	t.fleet.waiting.Wait()
	t.say("the storm is over after %s", t.record.Now().Round(time.Second))
	for _, u := range t.users {
		busy.Go(func() { u.conclude(ctx) })
	}
	busy.Wait()
	return context.Cause(ctx)
}

// open starts the node and the users' way to it.
func (t *trial) open(ctx context.Context) error {
	if err := t.openNode(ctx, "127.0.0.1:0"); err != nil {
		return err
	}
	t.doors = &gateway{who: "user", target: t.nodeURL, record: t.record}
	if err := t.doors.open(); err != nil {
		return err
	}
	quiet := slog.New(slog.DiscardHandler)
	var err error
	if t.client, err = elastic.New(elastic.Config{URL: t.doors.url, Log: quiet, Retry: elastic.Retry{Attempts: 50, Elapsed: time.Minute}}); err != nil {
		return err
	}
	t.protocol = protocol.New(t.client.Documents(), protocol.Options{Host: "user", Log: quiet})
	return t.protocol.Ensure(ctx)
}

// close ends what runs. How the replicas end is a part of the trial.
func (t *trial) close() error {
	if err := t.fleet.stop(); err != nil {
		t.violated("%v", err)
	}
	t.readLogs()
	if t.client != nil {
		t.client.Close()
	}
	if t.doors != nil && t.doors.server != nil {
		t.doors.close()
	}
	if t.node == nil {
		return nil
	}
	return t.node.stop()
}

// readLogs finds panics in what the processes wrote.
func (t *trial) readLogs() {
	logs, _ := filepath.Glob(filepath.Join(t.options.Dir, "*.log"))
	for _, name := range logs {
		text, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			if strings.Contains(line, "panic") || strings.Contains(line, "DATA RACE") {
				t.violated("%s: %s", name, strings.TrimSpace(line))
				break
			}
		}
	}
}

// serveArgs are how a replica is started.
func (t *trial) serveArgs() []string {
	args := []string{"serve", "--log-level", "debug"}
	for _, s := range []string{
		"service.service_types=directory", "service.lease=" + t.options.Lease.String(), "service.idling=200ms",
		"elasticsearch.bulk.chunk_size=16", "elasticsearch.retry_interval=1s",
	} {
		args = append(args, "--set", s)
	}
	return args
}

func (t *trial) violated(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := fmt.Sprintf(format, args...)
	t.violations = append(t.violations, text)
	t.say("WRONG: %s", text)
}

func (t *trial) say(format string, args ...any) {
	fmt.Fprintf(t.options.Out, "%6.1f s  "+format+"\n", append([]any{t.record.Now().Seconds()}, args...)...)
}
