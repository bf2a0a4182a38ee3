package protocol_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
)

// storm is a few workers that share jobs, die at random, and clean up after
// each other.
type storm struct {
	world
	mu    sync.Mutex
	alive map[string]int // workers that claim, run or end a job, by connector
	runs  map[string]int // those that run one
	twice []string
}

// count adds to one of the numbers; more than one run at once is noted.
func (s *storm) count(numbers map[string]int, conn string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if numbers[conn] += n; s.runs[conn] > 1 {
		s.twice = append(s.twice, conn)
	}
}

// Whatever dies when: every job ends, each connector runs one at a time, and
// no connector stays marked as syncing.
func TestStorm(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	s := &storm{world: here(t), alive: map[string]int{}, runs: map[string]int{}}
	s.clock.step = time.Microsecond
	const jobs = 16
	for i := range 4 {
		conn := s.connected(t, fmt.Sprint("c", i))
		for range jobs / 4 {
			s.pending(t, conn)
		}
	}
	var group sync.WaitGroup
	for i := range 3 {
		group.Go(func() {
			if err := s.worker(t.Context(), rand.New(rand.NewPCG(seed, uint64(i)))); err != nil {
				t.Errorf("worker: %v", err)
			}
		})
	}
	group.Wait()
	require.Empty(t, s.twice)
	all, err := s.Client.Jobs(t.Context(), "", 100)
	require.NoError(t, err)
	require.Len(t, all, jobs)
	for _, j := range all {
		require.Equal(t, job.Completed, j.Status, j.Error)
	}
	conns, err := s.Connectors(t.Context(), protocol.Selection{All: true}, -1)
	require.NoError(t, err)
	for _, c := range conns {
		require.Equal(t, job.Completed, c.LastSyncStatus)
	}
}

// worker works and cleans up until no job is left.
func (s *storm) worker(ctx context.Context, dice *rand.Rand) error {
	client := s.replica("w")
	still := map[string]int{} // how often a job or a lock was seen unmoved
	for {
		live, err := client.LiveJobs(ctx, protocol.Selection{All: true}, nil)
		if err != nil {
			return err
		}
		conns, err := client.Connectors(ctx, protocol.Selection{All: true}, -1)
		if err != nil {
			return err
		}
		busy := locked(conns)
		if len(live) == 0 && busy == 0 {
			return nil
		}
		for _, c := range conns {
			if err := s.visit(ctx, client, c, live, still, dice); err != nil {
				return err
			}
		}
	}
}

func locked(conns []protocol.Connector) (n int) {
	for _, c := range conns {
		if c.LastSyncStatus == job.InProgress {
			n++
		}
	}
	return n
}

// visit does one thing for a connector: run a job, or mend what stands still.
func (s *storm) visit(ctx context.Context, client *protocol.Client, c protocol.Connector, live []protocol.Job, still map[string]int, dice *rand.Rand) error {
	held := false
	for _, j := range live {
		if j.ConnectorID != c.ID || j.Status != job.InProgress {
			continue
		}
		held = true
		if key := fmt.Sprint(j.ID, j.Version); s.silent(still, key, c.ID) {
			return harmless(client.Requeue(ctx, j, 1000))
		}
	}
	if c.LastSyncStatus == job.InProgress {
		if key := fmt.Sprint(c.ID, c.Version); !held && s.silent(still, key, c.ID) {
			return harmless(client.Free(ctx, c, protocol.Full, job.Suspended, ""))
		}
		return nil
	}
	for _, j := range live {
		if j.ConnectorID == c.ID && !held {
			return s.run(ctx, client, c, j, dice)
		}
	}
	return nil
}

// silent reports what was seen unmoved a few times while no worker was at it:
// the lease, without a clock.
func (s *storm) silent(still map[string]int, key, conn string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.alive[conn] > 0 {
		return false
	}
	still[key]++
	return still[key] > 3
}

// run is one job: its worker may die at any step.
func (s *storm) run(ctx context.Context, client *protocol.Client, c protocol.Connector, j protocol.Job, dice *rand.Rand) error {
	s.count(s.alive, c.ID, 1)
	defer s.count(s.alive, c.ID, -1)
	l, err := client.Claim(ctx, c, j)
	if err != nil {
		return harmless(err)
	}
	s.count(s.runs, c.ID, 1)
	for range 2 {
		if err == nil && dice.IntN(6) > 0 {
			err = l.Renew(ctx, protocol.Stats{Indexed: 1})
			continue
		}
		s.count(s.runs, c.ID, -1)
		return err // dies
	}
	s.count(s.runs, c.ID, -1)
	return l.Finish(ctx, protocol.Result{Status: job.Completed})
}

func harmless(err error) error {
	if errors.Is(err, protocol.ErrTaken) {
		return nil
	}
	return err
}
