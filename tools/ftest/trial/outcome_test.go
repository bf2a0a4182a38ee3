package trial

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStepFromOneTruthToTheNext(t *testing.T) {
	before := truth{"same": {}, "changed": {}, "gone": {}, "repaired": {failed: true}, "spoiled": {}}
	after := truth{"same": {}, "changed": {sum: sum{1}}, "new": {}, "repaired": {}, "spoiled": {failed: true}, "unreadable": {failed: true}}
	require.Equal(t, step{created: 1, updated: 2, unchanged: 1, deleted: 1, failed: 2}, after.from(before))
	require.EqualValues(t, 4, after.from(before).changes())
}

func TestCountersAreChecked(t *testing.T) {
	s := step{created: 1, updated: 2, unchanged: 196, deleted: 4, failed: 1}
	right := `"total_document_count":200,"counters":{"emitted":200,"created":1,"updated":2,"unchanged":196,"deleted":4,"failed":1}`
	for name, c := range map[string]struct {
		line  string
		round round
		says  string // empty: nothing is wrong
	}{
		"right":            {line: right},
		"total":            {line: `"total_document_count":1999`, says: "holds 1,999, not 200"},
		"created":          {line: right + `,"counters":{"created":0}`, says: "created is 0, not 1"},
		"updated":          {line: right + `,"counters":{"updated":3}`, says: "updated is 3, not 2"},
		"unchanged":        {line: right + `,"counters":{"unchanged":0}`, says: "unchanged is 0, not 196"},
		"deleted":          {line: right + `,"counters":{"deleted":3}`, says: "deleted is 3, not 4"},
		"failed":           {line: right + `,"counters":{"failed":0}`, says: "failed is 0, not 1"},
		"duplicate":        {line: right + `,"counters":{"duplicate":1}`, says: "duplicate is 1, not 0"},
		"emitted":          {line: right + `,"counters":{"emitted":201}`, says: "emitted is 201, not 200"},
		"filtered":         {line: right + `,"counters":{"emitted":203,"filtered":3}`, says: "filtered is 3, not 0"},
		"rules filter":     {line: right + `,"counters":{"emitted":203,"filtered":3}`, round: round{ruled: true}},
		"rules reshape":    {line: right + `,"counters":{"updated":198,"unchanged":0}`, round: round{ruled: true}},
		"rules lose one":   {line: right + `,"counters":{"updated":197,"unchanged":0}`, round: round{ruled: true}, says: "updated with unchanged is 197, not 198"},
		"skipped":          {line: right + `,"skipped":"nothing changed"`, says: "was skipped: nothing changed"},
		"incremental":      {line: right + `,"counters":{"emitted":3,"unchanged":0,"failed":0}`, round: round{incremental: true}},
		"a full read":      {line: right, round: round{incremental: true}, says: "emitted is 200 for 7 changes"},
		"few were written": {line: right + `,"counters":{"emitted":8,"unchanged":0,"failed":0}`, round: round{incremental: true, writes: 7}, says: "emitted is 8 for 7 changes"},
		"read in full":     {line: right + `,"counters":{"emitted":3},"full_because":"the log is gone"`, round: round{incremental: true}, says: "full_because is the log is gone"},
		"begun by another": {line: right + `,"counters":{"emitted":3,"created":0,"deleted":0},"requeued":1`, round: round{incremental: true, unknown: true, begun: "x"}},
		"begun by none":    {line: right + `,"counters":{"emitted":3}`, round: round{incremental: true, unknown: true, begun: "x"}, says: "requeued is 0"},
	} {
		var o outcome
		require.NoError(t, json.Unmarshal([]byte("{"+c.line+"}"), &o), name)
		if problem := o.check(c.round, s, 200); c.says == "" {
			require.Empty(t, problem, name)
		} else {
			require.Contains(t, problem, c.says, name)
		}
	}
	idle := outcome{Total: 200, Skipped: "nothing changed"}
	require.Empty(t, idle.check(round{idle: true}, step{unchanged: 200}, 200))
	require.Contains(t, idle.check(round{idle: true}, step{unchanged: 199, failed: 1}, 200), "was skipped")
}

func TestCounts(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000"} {
		require.Equal(t, want, count(n))
	}
	require.Equal(t, "1 document", documents(1))
}
