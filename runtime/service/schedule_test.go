package service_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
)

// clock is one that a test sets; it goes on by itself.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time      { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) add(d time.Duration) { c.ahead.Add(int64(d)) }
func (c *clock) set(to time.Time)    { c.ahead.Store(int64(time.Until(to))) }

// scheduled is a rig with a connector that is due each hour, and a clock that
// stands at half past one.
func scheduled(t *testing.T) (*rig, *clock) {
	c := &clock{}
	c.set(time.Date(2026, 3, 2, 1, 30, 0, 0, time.UTC))
	r := newRig(t, kind("shelf", func() connector.Source { return &source{getDocs: documents(1)} }))
	r.now = c.now
	r.connector("c1", func(n *protocol.NewConnector) {
		n.Scheduling = map[protocol.JobType]protocol.Schedule{protocol.Full: {Enabled: true, Interval: "0 0 * * * ?"}}
	})
	return r, c
}

// jobs waits until the connector has so many jobs that ended, and makes sure
// that there will be no more.
func (r *rig) jobs(id string, n int) []protocol.Job {
	r.t.Helper()
	count := func() (ended int, all []protocol.Job) {
		all, err := r.protocol.Jobs(r.t.Context(), r.name(id), 100)
		require.NoError(r.t, err)
		for _, j := range all {
			if j.Ended() {
				ended++
			}
		}
		return ended, all
	}
	r.until(func() bool { ended, _ := count(); return ended == n }, func() string { _, all := count(); return string(rune('0' + len(all))) })
	time.Sleep(300 * time.Millisecond) // six polls
	_, all := count()
	require.Len(r.t, all, n)
	return all
}

func TestAJobIsMadeWhenItIsDue(t *testing.T) {
	r, c := scheduled(t)
	r.run(r.service())
	r.jobs("c1", 0)
	c.set(time.Date(2026, 3, 2, 2, 0, 0, 1, time.UTC))
	all := r.jobs("c1", 1)
	require.Equal(t, job.Completed, all[0].Status)
	require.Equal(t, protocol.Scheduled, all[0].Trigger)
	require.Equal(t, protocol.ScheduledID(r.name("c1"), protocol.Full, time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)), all[0].ID)
	require.Equal(t, "2026-03-02T02:00:00Z", r.reload("c1").LastScheduled[protocol.Full].UTC().Format(time.RFC3339))
}

func TestMissedOccurrencesAreOneRun(t *testing.T) {
	r, c := scheduled(t)
	stop := r.run(r.service())
	r.until(func() bool { return r.reload("c1").Status == protocol.Connected })
	c.set(time.Date(2026, 3, 2, 2, 0, 1, 0, time.UTC))
	r.jobs("c1", 1)
	stop()
	c.set(time.Date(2026, 3, 9, 5, 10, 0, 0, time.UTC)) // a week of downtime
	r.run(r.service())
	r.run(r.service()) // replicas agree on the one run
	r.jobs("c1", 2)
	require.Equal(t, "2026-03-09T05:00:00Z", r.reload("c1").LastScheduled[protocol.Full].UTC().Format(time.RFC3339))
}

func TestJumpsOfTheClockDoNoHarm(t *testing.T) {
	r, c := scheduled(t)
	r.run(r.service())
	r.until(func() bool { return r.reload("c1").Status == protocol.Connected })
	c.add(time.Hour) // 2:30
	r.jobs("c1", 1)
	c.add(-time.Hour) // 1:30 again
	r.jobs("c1", 1)
	c.set(time.Date(2026, 3, 2, 2, 0, 5, 0, time.UTC)) // what was made is not made again
	r.jobs("c1", 1)
	c.add(time.Hour)
	r.jobs("c1", 2)
	c.add(5 * time.Hour)
	r.jobs("c1", 3)
}

// A clock that was years ahead for a while left an occurrence that nobody waits for.
func TestAnOccurrenceOfAWrongClockIsForgotten(t *testing.T) {
	r, c := scheduled(t)
	r.patch("c1", protocol.Patch{"last_sync_scheduled_at": "2099-01-01T00:00:00+00:00"})
	r.run(r.service())
	r.until(func() bool { return r.reload("c1").Status == protocol.Connected })
	r.jobs("c1", 0)
	c.add(time.Hour)
	r.jobs("c1", 1)
	r.until(func() bool { return r.reload("c1").LastScheduled[protocol.Full].Year() == 2026 })
}

func TestAScheduleThatIsSwitchedOnMissedNothing(t *testing.T) {
	r, c := scheduled(t)
	set := func(enabled bool) {
		_, err := r.protocol.Update(t.Context(), r.reload("c1"), func(protocol.Connector) (protocol.Patch, error) {
			return protocol.Patch{"scheduling": map[string]any{"full": map[string]any{"enabled": enabled, "interval": "0 0 * * * ?"}}}, nil
		})
		require.NoError(t, err)
	}
	r.run(r.service())
	r.until(func() bool { return r.reload("c1").Status == protocol.Connected })
	set(false)
	r.jobs("c1", 0)
	c.add(48 * time.Hour)
	set(true)
	r.jobs("c1", 0)
	c.add(time.Hour)
	r.jobs("c1", 1)
}

func TestWhileAJobRunsTheNextIsPutOff(t *testing.T) {
	c := &clock{}
	c.set(time.Date(2026, 3, 2, 1, 30, 0, 0, time.UTC))
	goOn := make(chan struct{})
	r := newRig(t, kind("shelf", func() connector.Source {
		return &source{ping: func() error { return nil }, getDocs: waiting(goOn)}
	}))
	r.now = c.now
	r.connector("c1", func(n *protocol.NewConnector) {
		n.Scheduling = map[protocol.JobType]protocol.Schedule{protocol.Full: {Enabled: true, Interval: "* * * * * ?"}} // each second
	})
	r.run(r.service())
	r.until(func() bool { return len(r.all("c1")) == 1 })
	c.add(10 * time.Minute)
	time.Sleep(300 * time.Millisecond)
	require.Len(t, r.all("c1"), 1)
	close(goOn)
	r.until(func() bool { return len(r.all("c1")) >= 2 })
}

func TestAScheduleThatCanNotBeReadIsAnErrorOfTheConnector(t *testing.T) {
	r, _ := scheduled(t)
	_, err := r.protocol.Update(t.Context(), r.reload("c1"), func(protocol.Connector) (protocol.Patch, error) {
		return protocol.Patch{"scheduling": map[string]any{"full": map[string]any{"enabled": true, "interval": "0 0 25 * * ?"}}}, nil
	})
	require.NoError(t, err)
	r.run(r.service())
	r.until(func() bool { return r.reload("c1").Status == protocol.Errored })
	require.Contains(t, r.reload("c1").Error, "schedule of full syncs: ")
	require.Contains(t, r.reload("c1").Error, "25")
}
