package trial

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// outcome is the last line of `job start --watch --json`.
type outcome struct {
	Type      string
	Status    string
	Error     string
	Created   time.Time `json:"created_at"`
	Started   time.Time `json:"started_at"`
	Completed time.Time `json:"completed_at"`
	Total     int64     `json:"total_document_count"`
	Skipped   string
	Because   string `json:"full_because"`
	Requeued  int
	Counters  struct {
		Emitted, Created, Updated, Unchanged, Filtered, Failed, Duplicate, Deleted int64
	}

	documents int // that were expected
}

// seconds is how long the job ran.
func (o outcome) seconds() float64 { return o.Completed.Sub(o.Started).Seconds() }

func (o outcome) String() string {
	if o.Skipped != "" {
		return "skipped: " + o.Skipped
	}
	c := o.Counters
	text := fmt.Sprintf("created %s updated %s unchanged %s deleted %s", count(c.Created), count(c.Updated), count(c.Unchanged), count(c.Deleted))
	for _, more := range []struct {
		name string
		n    int64
	}{{"filtered", c.Filtered}, {"failed", c.Failed}, {"duplicate", c.Duplicate}} {
		if more.n > 0 {
			text += fmt.Sprintf(" %s %s", more.name, count(more.n))
		}
	}
	return fmt.Sprintf("%s in %.1f s", text, o.seconds())
}

// job runs a sync to its end.
func (t *trial) job(ctx context.Context, r round, documents int) (outcome, error) {
	limit := time.Minute + time.Duration(10*t.world.Budget().Seconds*tenThousands(documents))*time.Second
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("the job did not end within %s", limit))
	defer cancel()
	go func() {
		select {
		case <-t.service.ended:
			cancel()
		case <-ctx.Done():
		}
	}()
	args := []string{"job", "start", t.connector(), "--watch", "--type", "full"}
	if r.incremental {
		args[len(args)-1] = "incremental"
	}
	if r.begun != "" {
		args = []string{"job", "watch", r.begun}
	}
	if r.ruled {
		args = append(args, "--allow-deletes")
	}
	o := outcome{documents: documents}
	if err := t.program.Call(ctx, &o, args...); err != nil {
		return o, redf("%s: %v\n%s", r.name, err, t.service.Tail())
	}
	if o.Status != "completed" {
		return o, redf("%s: the job is %s: %s\n%s", r.name, o.Status, o.Error, t.service.Tail())
	}
	return o, nil
}

// wrongs are counters that are not as they must be.
type wrongs []string

func (w *wrongs) compare(name string, have, want int64) {
	if have != want {
		*w = append(*w, fmt.Sprintf("%s is %s, not %s", name, count(have), count(want)))
	}
}

// check says what is wrong with the counters; empty if nothing is.
func (o outcome) check(r round, s step, documents int) string {
	c := o.Counters
	if o.Total != int64(documents) {
		return fmt.Sprintf("the job says that the index holds %s, not %s", count(o.Total), count(documents))
	}
	if o.Skipped != "" && r.idle && s.failed == 0 {
		return ""
	}
	if o.Skipped != "" {
		return "the job was skipped: " + o.Skipped
	}
	var wrong wrongs
	if !r.unknown {
		wrong.compare("created", c.Created, s.created)
		wrong.compare("deleted", c.Deleted, s.deleted)
	}
	switch {
	case r.unknown:
	case r.ruled: // documents are sent again when advanced rules change, as they may shape them
		wrong.compare("updated with unchanged", c.Updated+c.Unchanged, s.updated+s.unchanged)
	default:
		wrong.compare("updated", c.Updated, s.updated)
	}
	if r.incremental {
		wrong = append(wrong, o.incremental(r, s, documents)...)
	} else {
		wrong.compare("failed", c.Failed, s.failed)
		wrong.compare("duplicate", c.Duplicate, 0)
		wrong.compare("emitted", c.Emitted, int64(documents)+c.Filtered)
		if !r.ruled {
			wrong.compare("unchanged", c.Unchanged, s.unchanged)
			wrong.compare("filtered", c.Filtered, 0)
		}
	}
	if len(wrong) == 0 {
		return ""
	}
	return "of the counters " + strings.Join(wrong, ", ")
}

// incremental says what shows that an incremental sync was none.
func (o outcome) incremental(r round, s step, documents int) (wrong []string) {
	emitted, most := o.Counters.Emitted, int64(documents)/2
	if r.writes > 0 {
		most = int64(r.writes)
	}
	if emitted > most && documents > 100 {
		wrong = append(wrong, fmt.Sprintf("emitted is %s for %s changes: that is no incremental sync", count(emitted), count(max(s.changes(), int64(r.writes)))))
	}
	if o.Because != "" {
		wrong = append(wrong, "full_because is "+o.Because)
	}
	if r.begun != "" && o.Requeued == 0 {
		wrong = append(wrong, "requeued is 0, though the service was killed")
	}
	return wrong
}
