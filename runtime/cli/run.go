// Package cli is Tributary's command line: it turns words into settings and
// configurations, runs a command and reports in words or in JSON.
//
// Data goes to the standard output; people's progress, warnings and logs go to
// the standard error. With --json the standard output holds JSON lines only.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/settings"
)

// The exit codes of every command.
const (
	ExitDone     = 0   // everything worked
	ExitFailed   = 1   // it did not
	ExitUsage    = 2   // the command line, the settings or a configuration is wrong
	ExitPartial  = 3   // done, but some documents failed or differ
	ExitCanceled = 130 // stopped by a signal
)

// Program is one run of the command line.
type Program struct {
	Kinds          []connector.Kind // the sources that are compiled in
	Args           []string         // without the program's name
	Env            []string         // as os.Environ returns it
	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// Run runs one command and returns the exit code. The command stops soon after
// ctx is done.
func (p Program) Run(ctx context.Context) int {
	ctx, stop := canceled(ctx)
	defer stop()
	a := newApp(p)
	root := a.root()
	root.SetArgs(p.Args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return ExitDone
	}
	code := exitCode(ctx, err)
	a.complain(ctx, err)
	return code
}

// canceled returns a context that ends with [job.ErrCanceled] when ctx ends.
func canceled(ctx context.Context) (context.Context, func()) {
	inner, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	release := context.AfterFunc(ctx, func() { cancel(job.ErrCanceled) })
	return inner, func() {
		release()
		cancel(nil)
	}
}

// usageError is a mistake in the words of the command line or in what they
// name.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// partialError says that a command did its work but for some documents. The
// command has reported them.
type partialError struct{ failed int64 }

func (e partialError) Error() string {
	if e.failed == 1 {
		return "1 document failed; the next sync tries it again"
	}
	return fmt.Sprintf("%d documents failed; the next sync tries them again", e.failed)
}

func exitCode(ctx context.Context, err error) int {
	switch {
	case job.Outcome(ctx, err) == job.Canceled:
		return ExitCanceled
	case errors.As(err, new(usageError)), errors.As(err, new(connector.Problems)), errors.As(err, new(settings.Problems)):
		return ExitUsage
	case errors.As(err, new(partialError)), errors.As(err, new(differError)):
		return ExitPartial
	case refused(err):
		return ExitUsage
	}
	return ExitFailed
}

// refused reports that Elasticsearch does not accept the credentials, or that
// they do not allow the request.
func refused(err error) bool {
	return answered(err, http.StatusUnauthorized) || answered(err, http.StatusForbidden)
}

// answered reports that Elasticsearch answered with a status.
func answered(err error, status int) bool {
	var e *elastic.Error
	return errors.As(err, &e) && e.Status == status
}

// complain writes what went wrong, each problem on a line of its own.
func (a *app) complain(ctx context.Context, err error) {
	if job.Outcome(ctx, err) == job.Canceled && !errors.As(err, new(unwatchedError)) {
		a.say("canceled")
		return
	}
	for line := range strings.SplitSeq(a.redact.Text(err.Error()), "\n") {
		a.say("%s", line)
	}
}

// say writes one line for people to the standard error.
func (a *app) say(format string, args ...any) {
	_, _ = fmt.Fprintf(a.console, "tributary: %s\n", printable(fmt.Sprintf(format, args...)))
}

// warn writes a warning for people to the standard error.
func (a *app) warn(format string, args ...any) {
	a.say("warning: "+format, args...)
}
