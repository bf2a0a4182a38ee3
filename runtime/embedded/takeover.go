package embedded

import (
	"errors"
	"io"
	"log/slog"
	"strings"
	"time"
)

// takeover is how long a process tries to go on with a node whose process ended.
const takeover = 10 * time.Second

// keep watches the process that has the node. When it ends, one of those that used it opens the folder and serves it where it was, so
// that the clients of all of them find it again; the others hold leases from that one.
func (a *Attached) keep() {
	for {
		a.held.wait()
		next := a.succeed()
		if next == nil {
			return
		}
		a.mu.Lock()
		a.held = next
		select {
		case <-a.closed:
			next.release()
		default:
		}
		a.mu.Unlock()
	}
}

// succeed returns the lease of whoever took the node over; nil when this process did, when it is closing, or when nobody could.
func (a *Attached) succeed() *lease {
	log := a.opts.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	o := a.opts
	o.Listen = strings.TrimPrefix(a.URL, "http://")
	var err error
	for deadline := time.Now().Add(takeover); time.Now().Before(deadline); {
		select {
		case <-a.closed:
			return nil
		case <-time.After(50 * time.Millisecond):
		}
		if next, failed := (address{URL: a.URL, Key: a.APIKey}).lease(); failed == nil {
			return next
		}
		var own *serving
		if own, err = serve(a.dir, o); err == nil {
			log.Info("the process that had the embedded node ended; this one goes on with it", "folder", a.dir, "url", a.URL)
			a.mu.Lock()
			a.own = own
			a.mu.Unlock()
			return nil
		}
		if !errors.Is(err, ErrLocked) {
			log.Debug("take over the embedded node", "folder", a.dir, "error", err)
		}
	}
	log.Error("the process that had the embedded node ended and no other could go on with it; run the command again", "folder", a.dir, "error", err)
	return nil
}

// lease is the promise of a node in another process to stay.
type lease struct {
	body    io.Reader
	release func()
}

// wait returns when the lease is released or its node ends.
func (l *lease) wait() { _, _ = io.Copy(io.Discard, l.body) }
