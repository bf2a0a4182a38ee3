// Package trial kills real processes at random moments of their work, starts
// them again and compares what they made with what they should have.
package trial

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/tributary-search/tributary/runtime/connectortest"
)

// Options of a trial.
type Options struct {
	Program string // path of the built program
	Dir     string // for data and logs; it must exist, and everybody may enter it
	Kills   int    // shared by the lanes
	Seed    uint64
	Lanes   []Lane
	Out     io.Writer // what happens, in short lines; nil: nowhere
}

// Lane is a system, what syncs it, and a node of its own. Lanes run at once.
type Lane struct {
	Name        string
	ServiceType string
	World       connectortest.World
	TB          testing.TB // that the world was made with
	// Command has the command `sync` make the syncs; else the service runs jobs.
	Command bool
}

// Report is what came of a trial. Everything but Kills, Syncs and Compared must
// be 0 or empty.
type Report struct {
	Kills    map[string]int // by who was killed, and whether a sync ran
	Syncs    int            // that were compared
	Compared int            // ids and contents
	// Lost ids are missing, of Stale ones the content is old or of a document
	// that is gone, Deleted ones were deleted although the source has them.
	Lost, Stale, Deleted int
	// Counters counts those that are not what the node did.
	Counters   int
	Violations []string // everything that is wrong, in words
	Took       time.Duration
}

// trial is what lanes share.
type trial struct {
	Options
	began time.Time

	mu     sync.Mutex // guards what follows, and Out
	report Report
}

// Run makes a trial. The error is that of a trial that could not be made.
func Run(ctx context.Context, o Options) (Report, error) {
	if o.Out == nil {
		o.Out = io.Discard
	}
	t := &trial{Options: o, began: time.Now(), report: Report{Kills: map[string]int{}}}
	errs := make([]error, len(o.Lanes))
	var lanes sync.WaitGroup
	for i, lane := range o.Lanes {
		kills := o.Kills / len(o.Lanes)
		if i < o.Kills%len(o.Lanes) {
			kills++
		}
		lanes.Go(func() { errs[i] = t.drive(ctx, lane, uint64(i), kills) })
	}
	lanes.Wait()
	t.readLogs()
	t.report.Took = time.Since(t.began)
	return t.report, errors.Join(errs...)
}

func (t *trial) drive(ctx context.Context, l Lane, number uint64, kills int) error {
	dir := filepath.Join(t.Dir, l.Name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	kept, err := os.Create(filepath.Join(dir, "dice.jsonl"))
	if err != nil {
		return err
	}
	defer func() { _ = kept.Close() }()
	ln := &lane{Lane: l, trial: t, dir: dir, dice: newDice(t.Seed, number, kept), traffic: firstTraffic}
	if err := ln.run(ctx, kills); err != nil {
		return fmt.Errorf("%s: %w", l.Name, err)
	}
	return nil
}

// readLogs finds panics in what the processes wrote.
func (t *trial) readLogs() {
	logs, _ := filepath.Glob(filepath.Join(t.Dir, "*", "*.log"))
	for _, name := range logs {
		text, _ := os.ReadFile(name)
		for line := range bytes.Lines(text) {
			if bytes.HasPrefix(line, []byte("panic")) || bytes.Contains(line, []byte("DATA RACE")) {
				t.violated("%s: %s", name, bytes.TrimSpace(line))
			}
		}
	}
}

func (t *trial) violated(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	t.say("WRONG: %s", text)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.report.Violations = append(t.report.Violations, text)
}

// note changes the report.
func (t *trial) note(change func(*Report)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	change(&t.report)
}

func (t *trial) say(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	fmt.Fprintf(t.Out, "%6.1f s  "+format+"\n", append([]any{time.Since(t.began).Seconds()}, args...)...)
}

// Total is how many kills there were.
func (r Report) Total() (n int) {
	for count := range maps.Values(r.Kills) {
		n += count
	}
	return n
}
