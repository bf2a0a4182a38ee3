package trial

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connectortest"
)

// thrifty is a world with a budget.
type thrifty struct {
	connectortest.World
	budget connectortest.Budget
}

func (w thrifty) Budget() connectortest.Budget { return w.budget }

func TestTheBudget(t *testing.T) {
	begun := time.Unix(0, 0)
	for name, c := range map[string]struct {
		budget connectortest.Budget
		says   string // empty: it is kept
	}{
		"kept":       {connectortest.Budget{MiB: 200, Seconds: 2}, ""},
		"memory":     {connectortest.Budget{MiB: 199, Seconds: 2}, "over the budget: 200 of 199 MiB, 2.0 of 2 s per 10,000 documents"},
		"time":       {connectortest.Budget{MiB: 200, Seconds: 1.5}, "over the budget: 200 of 200 MiB, 2.0 of 1.5 s per 10,000 documents"},
		"no memory":  {connectortest.Budget{Seconds: 2}, "give both figures"},
		"no seconds": {connectortest.Budget{MiB: 200}, "give both figures"},
	} {
		tr := trial{world: thrifty{budget: c.budget}, peak: 200, first: outcome{Started: begun, Completed: begun.Add(4 * time.Second), documents: 20_000}}
		if err := tr.judge(); c.says == "" {
			require.NoError(t, err, name)
		} else {
			require.ErrorContains(t, err, c.says, name)
		}
	}
}
