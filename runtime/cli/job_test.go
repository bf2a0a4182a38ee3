package cli_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/cli"
	"github.com/tributary-search/tributary/runtime/embedded"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
)

func embeddedWithPassword() embedded.Options {
	return embedded.Options{Username: "elastic", Password: "pass-word"}
}

func reverseProxy(t *testing.T, target string) http.Handler {
	to, err := url.Parse(target)
	require.NoError(t, err)
	return httputil.NewSingleHostReverseProxy(to)
}

// readBody reads a request's body and puts it back.
func readBody(t *testing.T, r *http.Request) []byte {
	text, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	r.Body = io.NopCloser(bytes.NewReader(text))
	return text
}

// claimed starts a job and takes it, as a worker elsewhere does.
func (o *office) claimed(id string) *protocol.Lease {
	o.t.Helper()
	started := o.run("--json", "job", "start", id, "--allow-deletes").wants(0).last()
	require.Equal(o.t, true, started["allow_deletes"])
	j, err := o.protocol.Job(o.t.Context(), started["id"].(string))
	require.NoError(o.t, err)
	lease, err := o.protocol.Claim(o.t.Context(), o.connector(id), j)
	require.NoError(o.t, err)
	return lease
}

func counters(c job.Counters) protocol.Stats {
	m := map[string]any{"counters": c, "phase": job.Reading}
	if c.Failed > 0 {
		m["failures"] = []job.Failure{{ID: "d7", Reason: "the date is none"}}
	}
	return protocol.Stats{Indexed: c.Created, Deleted: c.Deleted, Metadata: m}
}

// The exit code of job watch is that of a sync, wherever the job runs.
func TestJobWatchEnds(t *testing.T) {
	everywhere(t, func(o *office) {
		id := o.create()
		for name, c := range map[string]struct {
			result protocol.Result
			code   int
			stdout string
			stderr string
		}{
			"done":     {protocol.Result{Status: job.Completed, Stats: counters(job.Counters{Emitted: 5, Created: 5})}, cli.ExitDone, "completed: created 5", ""},
			"partial":  {protocol.Result{Status: job.Completed, Stats: counters(job.Counters{Emitted: 2, Created: 1, Failed: 1})}, cli.ExitPartial, "failed 1", "1 document failed"},
			"failed":   {protocol.Result{Status: job.Failed, Error: "the disk is full", Stats: counters(job.Counters{})}, cli.ExitFailed, "failed: ", "failed: the disk is full"},
			"canceled": {protocol.Result{Status: job.Canceled, Stats: counters(job.Counters{Emitted: 1, Created: 1})}, cli.ExitCanceled, "canceled: created 1", "canceled"},
		} {
			lease := o.claimed(id)
			if c.result.Status == job.Canceled {
				o.run("job", "cancel", lease.Job().ID).wants(0).says("is being canceled by its worker on elsewhere")
				require.ErrorIs(o.t, lease.Renew(o.t.Context(), c.result.Stats), job.ErrCanceled)
			}
			require.NoError(o.t, lease.Finish(o.t.Context(), c.result))
			r := o.run("job", "watch", lease.Job().ID)
			require.Equal(o.t, c.code, r.code, "%s: %s", name, r.stderr)
			r.says(c.stdout)
			require.Contains(o.t, r.stderr, c.stderr)
			shown := o.run("job", "show", lease.Job().ID).wants(0).says("elsewhere")
			if c.code == cli.ExitPartial {
				r.says("d7: the date is none")
				shown.says("d7: the date is none")
			}
			require.Contains(o.t, o.run("job", "cancel", lease.Job().ID).wants(1).stderr, "has ended: it is "+string(c.result.Status))
		}
	})
}

// A job is watched while it moves: lines of its stored counters, then its end.
func TestJobWatchFollows(t *testing.T) {
	everywhere(t, func(o *office) {
		id := o.create()
		lease := o.claimed(id)
		require.NoError(o.t, lease.Renew(o.t.Context(), counters(job.Counters{Emitted: 7, Created: 7})))
		o.onOutput = func() { // the first line is about to be written
			o.onOutput = nil
			require.NoError(o.t, lease.Finish(context.Background(), protocol.Result{Status: job.Completed, Stats: counters(job.Counters{Emitted: 9, Created: 9})}))
		}
		r := o.run("job", "watch", lease.Job().ID).wants(0)
		r.says("reading the source · 7 documents · 7 sent").says("on elsewhere").says("completed: created 9")
	})
}

// Ctrl-C ends the watching, not the job.
func TestJobWatchStops(t *testing.T) {
	everywhere(t, func(o *office) {
		lease := o.claimed(o.create())
		ctx, cancel := context.WithCancel(o.t.Context())
		o.ctx, o.onOutput = ctx, cancel
		r := o.run("job", "watch", lease.Job().ID).wants(cli.ExitCanceled)
		require.Contains(o.t, r.stderr, "stopped watching; the job goes on: tributary job watch "+lease.Job().ID)
		j, err := o.protocol.Job(o.t.Context(), lease.Job().ID)
		require.NoError(o.t, err)
		require.Equal(o.t, job.InProgress, j.Status)
	})
}

func TestJobStartWatches(t *testing.T) {
	everywhere(t, func(o *office) {
		id := o.create()
		o.onOutput = func() { // the job is there
			o.onOutput = nil
			inner := *o
			inner.machine = newMachine(o.t, o.env...)
			inner.serveOnce(id).wants(0)
		}
		o.run("job", "start", id, "--watch").wants(0).says("waits for a service").says("completed: created 3")
	})
}

func TestPendingJobIsCanceled(t *testing.T) {
	everywhere(t, func(o *office) {
		id := o.create()
		r := o.run("job", "start", id).wants(0).says("next: tributary job watch ")
		require.Contains(o.t, r.stderr, "no service has looked at connector "+id)
		jobs, err := o.protocol.Jobs(o.t.Context(), id, 1)
		require.NoError(o.t, err)
		o.run("job", "cancel", jobs[0].ID).wants(0).says("is canceled")
		o.run("job", "watch", jobs[0].ID).wants(cli.ExitCanceled)
	})
}
