package trial

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
	"github.com/tributary-search/tributary/tools/storm/ledger"
)

const (
	treeSize = 80
	// jobTime is how long a job may take from its making to its end, whatever
	// the weather.
	jobTime = 2 * time.Minute
	glance  = 100 * time.Millisecond
)

// user has one connector and makes its jobs.
type user struct {
	*trial
	id        string
	quota     int  // of jobs
	scheduled bool // they are made by a schedule
	tree      *tree
	jobs      []string        // made on demand
	canceled  map[string]bool // by the user
}

// settleIn makes the users, their trees and their connectors. One of five lets
// a schedule make the jobs.
func (t *trial) settleIn(ctx context.Context) error {
	n := max(5, min(15, t.options.Jobs/6))
	for i := range n {
		u := &user{trial: t, id: fmt.Sprintf("storm-%d", i), quota: t.options.Jobs / n, canceled: map[string]bool{}}
		if i < t.options.Jobs%n {
			u.quota++
		}
		u.scheduled = i%5 == 4
		u.tree = &tree{dir: filepath.Join(t.options.Dir, "trees", u.id), weather: t.weather, files: map[string]string{}}
		if err := u.tree.grow(treeSize); err != nil {
			return err
		}
		if err := u.connect(ctx); err != nil {
			return err
		}
		t.users = append(t.users, u)
	}
	return nil
}

func (u *user) connect(ctx context.Context) error {
	configuration, err := json.Marshal(map[string]any{"directory": map[string]string{"value": u.tree.dir}})
	if err != nil {
		return err
	}
	n := protocol.NewConnector{
		ID: u.id, Name: u.id, ServiceType: "directory", IndexName: ledger.IndexPrefix + u.id, Configuration: configuration,
	}
	if u.scheduled {
		n.Scheduling = map[protocol.JobType]protocol.Schedule{protocol.Full: {Enabled: true, Interval: "0/3 * * * * ?"}}
	}
	_, err = u.protocol.CreateConnector(ctx, n)
	return err
}

// live is what the user does while the storm lasts.
func (u *user) live(ctx context.Context) {
	var err error
	if u.scheduled {
		err = u.watch(ctx)
	} else {
		err = u.work(ctx)
	}
	if err != nil && ctx.Err() == nil {
		u.violated("connector %s: %v", u.id, err)
	}
}

// work makes jobs on demand. Files change only while there are none, so that
// each that completes must have made the index equal to them.
func (u *user) work(ctx context.Context) error {
	for u.quota > 0 {
		if err := u.tree.change(treeSize); err != nil {
			return err
		}
		n := 1
		if u.quota > 1 && u.weather.chance(400) {
			n = 2
		}
		u.quota -= n
		jobs, err := u.demand(ctx, n)
		if err != nil {
			return err
		}
		if u.weather.chance(200) {
			if err := u.cancel(ctx, jobs[u.weather.number(n)]); err != nil {
				return err
			}
		}
		last, err := u.await(ctx, jobs)
		if err != nil {
			return err
		}
		if last.Status == job.Completed {
			if err := u.compare(ctx, last); err != nil {
				return err
			}
		}
	}
	return nil
}

// demand makes jobs.
func (u *user) demand(ctx context.Context, n int) ([]string, error) {
	var made []string
	for range n {
		conn, err := u.protocol.Connector(ctx, u.id)
		if err != nil {
			return nil, err
		}
		j, err := u.protocol.CreateJob(ctx, conn, protocol.Full, protocol.OnDemand, protocol.JobOptions{})
		if err != nil {
			return nil, err
		}
		made = append(made, j.ID)
	}
	u.jobs = append(u.jobs, made...)
	return made, nil
}

// cancel asks for a job to stop after a while.
func (u *user) cancel(ctx context.Context, id string) error {
	sleep(ctx, u.weather.between(0, 2*time.Second))
	u.canceled[id] = true
	_, err := u.protocol.CancelJob(ctx, id)
	if errors.Is(err, protocol.ErrTransition) {
		return nil // it had ended
	}
	return err
}

// await waits until jobs have ended and returns the one that did last.
func (u *user) await(ctx context.Context, ids []string) (last protocol.Job, err error) {
	for end := time.Now().Add(jobTime); ; {
		live := ""
		for _, id := range ids {
			j, err := u.protocol.Job(ctx, id)
			if err != nil {
				return last, err
			}
			if !j.Ended() {
				live = fmt.Sprintf("job %s is still %s, %d times requeued", id, j.Status, j.Requeued)
			}
			if j.CompletedAt.After(last.CompletedAt) {
				last = j
			}
		}
		switch {
		case live == "":
			return last, nil
		case time.Now().After(end):
			return last, fmt.Errorf("%s after %s", live, jobTime)
		case !sleep(ctx, glance):
			return last, context.Cause(ctx)
		}
	}
}

// compare compares the index with the files.
func (u *user) compare(ctx context.Context, j protocol.Job) error {
	documents, err := u.documents(ctx, ledger.IndexPrefix+u.id)
	if err != nil {
		return err
	}
	if n, err := u.tree.onDisk(); err != nil || n != len(u.tree.files) {
		return errors.Join(fmt.Errorf("the trial lost count: %d files on disk, %d known", n, len(u.tree.files)), err)
	}
	if wrong := u.tree.differences(documents); len(wrong) > 0 {
		return fmt.Errorf("after job %s the index is not what the source is: %s", j.ID, strings.Join(wrong, "; "))
	}
	if j.Total != int64(len(documents)) {
		return fmt.Errorf("job %s counts %d documents in the index, and there are %d", j.ID, j.Total, len(documents))
	}
	return nil
}

// watch lets the schedule make jobs, and changes files whenever it likes.
func (u *user) watch(ctx context.Context) error {
	for end := time.Now().Add(time.Duration(u.quota)*10*time.Second + jobTime); ; {
		jobs, err := u.protocol.Jobs(ctx, u.id, 1000)
		if err != nil {
			return err
		}
		done := 0
		for _, j := range jobs {
			if j.Ended() {
				done++
			}
		}
		switch {
		case done >= u.quota:
			return u.unschedule(ctx)
		case time.Now().After(end):
			return fmt.Errorf("only %d of %d scheduled jobs have ended in time", done, u.quota)
		case !sleep(ctx, 5*glance):
			return context.Cause(ctx)
		}
		if err := u.tree.change(treeSize); err != nil {
			return err
		}
	}
}

func (u *user) unschedule(ctx context.Context) error {
	conn, err := u.protocol.Connector(ctx, u.id)
	if err != nil {
		return err
	}
	_, err = u.protocol.Update(ctx, conn, func(c protocol.Connector) (protocol.Patch, error) {
		off, err := protocol.Merge(c.RawScheduling(), map[string]any{"full": map[string]any{"enabled": false}})
		return protocol.Patch{"scheduling": off}, err
	})
	return err
}

// conclude makes one more job when the storm is over: everything must be well
// after it.
func (u *user) conclude(ctx context.Context) {
	if err := u.finish(ctx); err != nil && ctx.Err() == nil {
		u.violated("connector %s, after the storm: %v", u.id, err)
	}
}

func (u *user) finish(ctx context.Context) error {
	if err := u.quiet(ctx); err != nil {
		return err
	}
	jobs, err := u.demand(ctx, 1)
	if err != nil {
		return err
	}
	last, err := u.await(ctx, jobs)
	if err != nil {
		return err
	}
	if last.Status != job.Completed {
		return fmt.Errorf("job %s is %s: %s", last.ID, last.Status, last.Error)
	}
	if err := u.compare(ctx, last); err != nil {
		return err
	}
	return u.freed(ctx)
}

// quiet waits until no job of the connector is alive.
func (u *user) quiet(ctx context.Context) error {
	for end := time.Now().Add(jobTime); ; {
		live, err := u.protocol.LiveJobs(ctx, protocol.Selection{All: true}, []string{u.id})
		switch {
		case err != nil || len(live) == 0:
			return err
		case time.Now().After(end):
			return fmt.Errorf("job %s is still %s", live[0].ID, live[0].Status)
		case !sleep(ctx, glance):
			return context.Cause(ctx)
		}
	}
}

// freed waits a little until the connector says that its last job completed:
// it is written after the job.
func (u *user) freed(ctx context.Context) error {
	for end := time.Now().Add(5 * time.Second); ; {
		c, err := u.protocol.Connector(ctx, u.id)
		switch {
		case err != nil:
			return err
		case c.LastSyncStatus == job.Completed && c.Status == protocol.Connected:
			return nil
		case time.Now().After(end):
			return fmt.Errorf("the connector is %s and its last sync is said to be %s, though it completed", c.Status, c.LastSyncStatus)
		case !sleep(ctx, glance):
			return context.Cause(ctx)
		}
	}
}
