package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
)

const (
	// watchEvery is the time between two looks at a job.
	watchEvery = 500 * time.Millisecond
	// quiet is the time after which people are told that nobody seems to run a
	// job that waits.
	quiet = 15 * time.Second
)

func (a *app) jobWatchCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "watch JOB",
		Short: "Show the progress of a sync job, wherever it runs, until it ends",
		Long: "Shows the progress of a sync job until it ends. The exit code is that of a sync: 0\n" +
			"done, 1 failed, 3 done but some documents failed, 130 canceled. Ctrl-C stops watching;\n" +
			"the job goes on.",
		Args: exactly("JOB"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.atDesk(cmd.Context(), func(d *desk) error {
				j, err := d.job(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				return a.jobWatch(cmd.Context(), d, j)
			})
		},
	}
}

// unwatchedError says that a person stopped watching.
type unwatchedError struct{ id string }

func (e unwatchedError) Error() string {
	return fmt.Sprintf("stopped watching; the job goes on: tributary job watch %s, or tributary job cancel %s", e.id, e.id)
}

// Unwrap makes it the end of a command that was canceled.
func (e unwatchedError) Unwrap() error { return job.ErrCanceled }

func (a *app) jobWatch(ctx context.Context, d *desk, j protocol.Job) error {
	w := &watcher{app: a, began: time.Now(), line: a.statusLine()}
	defer w.line.clear()
	for {
		if err := w.show(newJobLine(j)); err != nil {
			return err
		}
		if j.Ended() {
			w.line.clear()
			return a.concludeJob(newJobLine(j), j)
		}
		if err := pause(ctx, watchEvery); err != nil {
			return unwatchedError{j.ID}
		}
		next, err := d.protocol.Job(ctx, j.ID)
		switch {
		case ctx.Err() != nil:
			return unwatchedError{j.ID}
		case errors.Is(err, protocol.ErrNotFound):
			return fmt.Errorf("sync job %s is gone: its connector was deleted, or somebody removed it", j.ID)
		case refused(err):
			return err
		case err != nil:
			w.trouble(err)
		default:
			j = next
		}
	}
}

// watcher tells about one job.
type watcher struct {
	*app
	line           *statusLine
	began          time.Time
	running        time.Time // when it was first seen to run
	counted        int64     // documents at that time
	told, troubled time.Time
	last           string
	warned         bool
}

// show tells where the job stands, if that is new.
func (w *watcher) show(l jobLine) error {
	text := w.progress(l)
	if l.Status == job.Pending && !w.warned && time.Since(w.began) > quiet {
		w.warned = true
		w.line.clear()
		w.warn("the job still waits; is a service running that works on this connector? tributary serve")
	}
	key := fmt.Sprint(l.Status, l.Phase, l.Counters, l.Indexed, l.Deleted)
	if l.Counters != nil {
		key = fmt.Sprint(l.Status, l.Phase, *l.Counters)
	}
	if w.line.drawn() {
		w.line.draw(text)
	}
	if key == w.last || time.Since(w.told) < logEvery && strings.HasPrefix(w.last, string(l.Status)) || over(l.Status) {
		return nil
	}
	w.last, w.told = key, time.Now()
	if w.json {
		return w.printJSON(l)
	}
	if !w.line.drawn() {
		w.inform("%s\n", text)
	}
	return nil
}

func over(s job.Status) bool {
	return s == job.Completed || s == job.Failed || s == job.Canceled
}

// trouble tells, once a minute, that the job can't be looked at.
func (w *watcher) trouble(err error) {
	if time.Since(w.troubled) > tellEvery {
		w.troubled = time.Now()
		w.line.clear()
		w.warn("the job can't be looked at, trying again: %s", err)
	}
}

// progress is where a job stands, on one line.
func (w *watcher) progress(l jobLine) string {
	since := elapsed(time.Since(w.began).Truncate(time.Second))
	switch l.Status {
	case job.Pending:
		return "waits for a service · " + since
	case job.Suspended:
		return "suspended, waits for a service to go on · " + since
	}
	written, failed := l.sent()
	read := written
	if l.Counters != nil {
		read = l.Counters.Emitted
	}
	if w.running.IsZero() || read < w.counted {
		w.running, w.counted = time.Now(), read
	}
	words := []string{l.doing(read), counted(read, "document"), count(written) + " sent"}
	if l.Counters != nil {
		words = append(words, size(l.Counters.Bytes))
	}
	if failed > 0 {
		words = append(words, count(failed)+" failed")
	}
	if d := time.Since(w.running); d > time.Second && read > w.counted {
		words = append(words, fmt.Sprintf("%.0f/s", rate(read-w.counted, d)))
	}
	if l.Host != "" {
		words = append(words, "on "+printable(l.Host))
	}
	if l.Requeued > 0 {
		words = append(words, "taken over "+counted(int64(l.Requeued), "time"))
	}
	return strings.Join(append(words, since), " · ")
}

// doing is what a job does just now.
func (l jobLine) doing(read int64) string {
	switch {
	case l.Status != job.InProgress, l.Phase == "", l.Phase == string(job.Done) && read == 0: // of a run before
		return string(l.Status)
	case l.Phase == string(job.Done):
		return "finishing"
	}
	return l.Phase
}

// endLine is the last line of `job watch --json`.
type endLine struct {
	jobLine
	Type string `json:"type"` // "result"
}

// concludeJob reports how a job ended and returns the command's error.
func (a *app) concludeJob(l jobLine, j protocol.Job) error {
	var err error
	if a.json {
		err = a.printJSON(endLine{l, "result"})
	} else {
		err = a.showEnd(l, j)
	}
	_, failed := l.sent()
	switch {
	case err != nil:
		return err
	case l.Status == job.Failed:
		return fmt.Errorf("sync job %s failed: %s", l.ID, j.Error)
	case l.Status == job.Canceled:
		return fmt.Errorf("sync job %s: %w", l.ID, job.ErrCanceled)
	case failed > 0:
		return partialError{failed}
	}
	return nil
}

// showEnd is the summary for people.
func (a *app) showEnd(l jobLine, j protocol.Job) error {
	written, failed := l.sent()
	ended := string(l.Status)
	if l.Status == job.Failed {
		ended = "failed"
	}
	text := fmt.Sprintf("%s: sent %d deleted %d", ended, written, l.Deleted)
	if c := l.Counters; c != nil {
		text = fmt.Sprintf("%s: created %d updated %d unchanged %d deleted %d", ended, c.Created, c.Updated, c.Unchanged, c.Deleted)
	}
	if failed > 0 {
		text += fmt.Sprintf(" failed %d", failed)
	}
	if l.Skipped != "" {
		text += ", skipped: " + printable(l.Skipped)
	}
	text += " in " + took(j)
	for _, f := range l.Failures {
		text += "\n  " + printable(f.ID+": "+f.Reason)
	}
	return a.print("%s\n", text)
}
