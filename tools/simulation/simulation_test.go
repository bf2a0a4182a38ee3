package simulation_test

import (
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/tools/simulation"
)

// seeds are those of a run: TRIBUTARY_SEED alone, or those that were found and TRIBUTARY_SEEDS others (200) from TRIBUTARY_FIRST (1) on.
func seeds(t *testing.T) []uint64 {
	t.Helper()
	if os.Getenv("TRIBUTARY_SEED") != "" {
		return []uint64{number(t, "TRIBUTARY_SEED", 0)}
	}
	found, err := os.ReadFile("testdata/seeds.txt")
	require.NoError(t, err)
	var list []uint64
	for line := range strings.Lines(string(found)) {
		text, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if text == "" || text == "#" {
			continue
		}
		n, err := strconv.ParseUint(text, 10, 64)
		require.NoError(t, err)
		list = append(list, n)
	}
	first, many := number(t, "TRIBUTARY_FIRST", 1), number(t, "TRIBUTARY_SEEDS", 200)
	for i := range many {
		list = append(list, first+i)
	}
	return list
}

// number is a number of the environment.
func number(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	require.NoError(t, err)
	return n
}

// TestHistories plays histories and demands that nothing is lost, stale, wrongly deleted or miscounted in any of them.
func TestHistories(t *testing.T) {
	list := seeds(t)
	var next, failed, jobs, completed, deletes, positions, requests, large, tooLarge, people atomic.Int64
	t.Run("all", func(t *testing.T) {
		for lane := range 2 {
			t.Run(fmt.Sprint(lane), func(t *testing.T) {
				t.Parallel()
				for i := next.Add(1) - 1; i < int64(len(list)) && failed.Load() < 5; i = next.Add(1) - 1 {
					o := play(t, list[i])
					for status, n := range o.Ended {
						jobs.Add(int64(n))
						if status == "completed" {
							completed.Add(int64(n))
						}
					}
					deletes.Add(int64(o.Deletes))
					positions.Add(int64(o.Positions))
					requests.Add(int64(o.Requests))
					large.Add(int64(o.Large))
					tooLarge.Add(int64(o.TooLarge))
					people.Add(int64(o.People))
					if len(o.Findings) > 0 {
						failed.Add(1)
						t.Errorf("seed %d, after %s:\n%s\nthe last events:\n%s\nrepeat it: TRIBUTARY_SEED=%d go test ./tools/simulation", list[i], o.Took,
							strings.Join(o.Findings, "\n"), strings.Join(o.Events[max(0, len(o.Events)-shown()):], "\n"), list[i])
					}
				}
			})
		}
	})
	t.Logf("%d seeds: %d requests, %d too large (%d of one document), %d ends of jobs, %d completed, %d completed of access control, %d positions, %d deletions; %d seeds failed",
		len(list), requests.Load(), large.Load(), tooLarge.Load(), jobs.Load(), completed.Load(), people.Load(), positions.Load(), deletes.Load(), failed.Load())
}

// shown is how many events of a failed history are printed.
func shown() int {
	if os.Getenv("TRIBUTARY_SEED") != "" {
		return 1 << 20
	}
	return 60
}

// play plays one history in a bubble with a clock of its own.
func play(t *testing.T, seed uint64) (o simulation.Outcome) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := simulation.New(seed)
		if os.Getenv("TRIBUTARY_LOG") != "" {
			w.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
		}
		o = w.Play()
	})
	return o
}
