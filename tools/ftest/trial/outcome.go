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
	Started   time.Time `json:"started_at"`
	Completed time.Time `json:"completed_at"`
	Total     int64     `json:"total_document_count"`
	Skipped   string
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
	if r.ruled {
		args = append(args, "--allow-deletes")
	}
	o := outcome{documents: documents}
	if err := t.program.call(ctx, &o, args...); err != nil {
		return o, redf("%s: %v\n%s", r.name, err, t.service.tail())
	}
	if o.Status != "completed" {
		return o, redf("%s: the job is %s: %s\n%s", r.name, o.Status, o.Error, t.service.tail())
	}
	return o, nil
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
	var wrong []string
	compare := func(name string, have, want int64) {
		if have != want {
			wrong = append(wrong, fmt.Sprintf("%s is %s, not %s", name, count(have), count(want)))
		}
	}
	compare("created", c.Created, s.created)
	compare("deleted", c.Deleted, s.deleted)
	if r.ruled { // documents are sent again when advanced rules change, as they may shape them
		compare("updated with unchanged", c.Updated+c.Unchanged, s.updated+s.unchanged)
	} else {
		compare("updated", c.Updated, s.updated)
	}
	if r.incremental {
		if c.Emitted > int64(documents)/2 && documents > 100 {
			wrong = append(wrong, fmt.Sprintf("emitted is %s for %s changes: that is no incremental sync", count(c.Emitted), count(s.changes())))
		}
	} else {
		compare("failed", c.Failed, s.failed)
		compare("duplicate", c.Duplicate, 0)
		compare("emitted", c.Emitted, int64(documents)+c.Filtered)
		if !r.ruled {
			compare("unchanged", c.Unchanged, s.unchanged)
			compare("filtered", c.Filtered, 0)
		}
	}
	if len(wrong) == 0 {
		return ""
	}
	return "of the counters " + strings.Join(wrong, ", ")
}
