package job_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tributary-search/tributary/runtime/job"
)

func TestTableKnowsWhatItHolds(t *testing.T) {
	ids := make([]string, 10_000)
	for i := range ids {
		ids[i] = fmt.Sprintf("document-%d", i)
	}
	table := job.NewTable(ids)
	for _, id := range ids {
		require.True(t, table.Has(id), id)
		require.False(t, table.Has(id+"x"), id)
	}
	lost, byRule := table.Gone()
	require.Equal(t, [2]int{10_000, 0}, [2]int{lost, byRule})
	table.Mark(ids[0], false)
	table.Mark(ids[1], true)
	lost, byRule = table.Gone()
	require.Equal(t, [2]int{9_998, 1}, [2]int{lost, byRule})
}

func TestSetIsASet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		model := map[uint64]bool{}
		var s job.Set
		// A narrow range of low and of high bits makes collisions of both kinds.
		hash := rapid.OneOf(rapid.Uint64Range(0, 50), rapid.Uint64Range(1<<60, 1<<60+50), rapid.Uint64())
		for range rapid.IntRange(0, 300).Draw(t, "n") {
			h := hash.Draw(t, "hash")
			key := max(1, h)
			require.Equal(t, model[key], s.Has(h))
			require.Equal(t, !model[key], s.Add(h))
			model[key] = true
		}
		for h := range model {
			require.True(t, s.Has(h))
		}
	})
}

func TestSetTakesFewBytes(t *testing.T) {
	var s job.Set
	for i := range uint64(1_000_000) {
		s.Add(i * 0x9e3779b97f4a7c15)
	}
	require.Less(t, s.Load(), 16.0)
}
