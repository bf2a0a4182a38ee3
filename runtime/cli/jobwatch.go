package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
)

// watchEvery is the time between two looks at a job.
const watchEvery = 500 * time.Millisecond

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
	words := []string{string(l.Status)}
	switch {
	case l.Status != job.InProgress || l.Phase == "":
	case l.Phase != string(job.Done):
		words[0] = l.Phase
	case read > 0:
		words[0] = "finishing"
	}
	if w.running.IsZero() || read < w.counted {
		w.running, w.counted = time.Now(), read
	}
	words = append(words, counted(read, "document"), count(written)+" sent")
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
	return a.print("%s in %s\n", text, took(j))
}

// statusLine is a line at the bottom of a terminal that is drawn again and
// again; where there is none it does nothing.
type statusLine struct {
	out   io.Writer
	width func() int
	shown bool
}

func (a *app) statusLine() *statusLine {
	f, ok := a.Stderr.(*os.File)
	if !ok || !terminal(f) || a.env["TERM"] == "dumb" {
		return &statusLine{}
	}
	return &statusLine{out: a.console, width: func() int {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 1 {
			return width
		}
		return 80
	}}
}

// drawn reports whether there is a terminal for it.
func (s *statusLine) drawn() bool { return s.out != nil }

func (s *statusLine) draw(text string) {
	if r := []rune(text); len(r) >= s.width() {
		text = string(r[:s.width()-1])
	}
	s.shown = true
	_, _ = fmt.Fprintf(s.out, "\r\x1b[2K%s", text)
}

func (s *statusLine) clear() {
	if s.shown {
		s.shown = false
		_, _ = io.WriteString(s.out, "\r\x1b[2K")
	}
}
