package cli

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/tributary-search/tributary/runtime/job"
)

// logEvery is the time between two lines of progress where the standard error
// is no terminal.
const logEvery = 5 * time.Second

// searchablePhase is what the embedded node does after the phases of a sync.
const searchablePhase = "making the documents searchable"

// progressive is what goes on: a sync, or a comparison.
type progressive interface{ Progress() job.Progress }

// watch reports the progress of a sync until the function it returns is
// called: as a line that changes on a terminal, elsewhere as lines of the log.
func (a *app) watch(s progressive) (stop func()) {
	if terminal(a.Stderr) && a.env["TERM"] != "dumb" {
		return a.watchTerminal(s)
	}
	return a.watchLog(s)
}

func (a *app) watchLog(s progressive) (stop func()) {
	started, done := time.Now(), make(chan struct{})
	message := "sync goes on"
	if _, comparing := s.(*job.Verify); comparing {
		message = "comparison goes on"
	}
	var loop sync.WaitGroup
	loop.Go(func() {
		tick := time.NewTicker(logEvery)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				p := s.Progress()
				c := p.Counters
				if p.Phase == job.Done {
					a.log.Info(searchablePhase, "documents", c.Emitted)
					continue
				}
				a.log.Info(message, "phase", string(p.Phase), "documents", c.Emitted,
					"created", c.Created, "updated", c.Updated, "unchanged", c.Unchanged, "failed", c.Failed,
					"bytes", c.Bytes, "rate", int64(rate(c.Emitted, time.Since(started))))
			}
		}
	})
	return func() {
		close(done)
		loop.Wait()
	}
}

func (a *app) watchTerminal(s progressive) (stop func()) {
	started := time.Now()
	bars := mpb.New(mpb.WithOutput(a.Stderr), mpb.WithAutoRefresh(), mpb.WithRefreshRate(200*time.Millisecond))
	line := mpb.BarFillerFunc(func(w io.Writer, st decor.Statistics) error {
		text := progressText(s.Progress(), time.Since(started))
		if r := []rune(text); len(r) > st.AvailableWidth {
			text = string(r[:st.AvailableWidth])
		}
		_, err := io.WriteString(w, text)
		return err
	})
	bar, err := bars.Add(0, line, mpb.BarRemoveOnComplete())
	if err != nil {
		return func() {}
	}
	a.console.redirect(bars)
	return func() {
		a.console.redirect(nil)
		bar.Abort(true)
		bars.Wait()
	}
}

// progressText is where a sync stands, on one line.
func progressText(p job.Progress, took time.Duration) string {
	c := p.Counters
	if p.Phase == job.Done {
		return searchablePhase + " · " + elapsed(took)
	}
	words := []string{string(p.Phase)}
	if c.Emitted > 0 {
		words = append(words, fmt.Sprintf("%s documents, %.0f/s", count(c.Emitted), rate(c.Emitted, took)))
	}
	switch {
	case p.Phase == job.Comparing || p.Phase == job.Seeking:
		words = append(words, counted(c.Created+c.Updated+c.Deleted, "difference"))
	case c.Emitted > 0:
		words = append(words, fmt.Sprintf("%s sent, %s", count(c.Created+c.Updated), size(c.Bytes)))
	}
	if left, known := timeLeft(p, took); known {
		words = append(words, elapsed(left)+" left")
	}
	return strings.Join(append(words, elapsed(took)), " · ")
}

// timeLeft guesses from the number of documents that the index held at the
// start.
func timeLeft(p job.Progress, took time.Duration) (time.Duration, bool) {
	done := p.Counters.Emitted
	if p.Phase != job.Reading && p.Phase != job.Comparing || done == 0 || done >= p.Known || took < 2*time.Second {
		return 0, false
	}
	return time.Duration(float64(took) * float64(p.Known-done) / float64(done)).Round(time.Second), true
}

func rate(n int64, took time.Duration) float64 {
	return float64(n) / max(took.Seconds(), 0.001)
}
