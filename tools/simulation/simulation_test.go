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

// first is the seed that a run of many begins with.
const first = 1

// seeds are those of a run: TRIBUTARY_SEED alone, or those that were found and TRIBUTARY_SEEDS others.
func seeds(t *testing.T) []uint64 {
	t.Helper()
	if one := os.Getenv("TRIBUTARY_SEED"); one != "" {
		n, err := strconv.ParseUint(one, 10, 64)
		require.NoError(t, err)
		return []uint64{n}
	}
	found, err := os.ReadFile("testdata/seeds.txt")
	require.NoError(t, err)
	var list []uint64
	for line := range strings.Lines(string(found)) {
		number, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if number == "" || number == "#" {
			continue
		}
		n, err := strconv.ParseUint(number, 10, 64)
		require.NoError(t, err)
		list = append(list, n)
	}
	many := 200
	if text := os.Getenv("TRIBUTARY_SEEDS"); text != "" {
		if many, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	for i := range many {
		list = append(list, first+uint64(i))
	}
	return list
}

// TestHistories plays histories and demands that nothing is lost, stale, wrongly deleted or miscounted in any of them.
func TestHistories(t *testing.T) {
	list := seeds(t)
	var next, failed, jobs, completed, deletes, requests atomic.Int64
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
					requests.Add(int64(o.Requests))
					if len(o.Findings) > 0 {
						failed.Add(1)
						t.Errorf("seed %d, after %s:\n%s\nthe last events:\n%s\nrepeat it: TRIBUTARY_SEED=%d go test ./tools/simulation", list[i], o.Took,
							strings.Join(o.Findings, "\n"), strings.Join(o.Events[max(0, len(o.Events)-shown()):], "\n"), list[i])
					}
				}
			})
		}
	})
	t.Logf("%d seeds: %d requests, %d ends of jobs, %d completed, %d deletions; %d seeds failed",
		len(list), requests.Load(), jobs.Load(), completed.Load(), deletes.Load(), failed.Load())
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
