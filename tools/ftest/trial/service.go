package trial

import (
	"context"
	"fmt"
)

// start starts the service, with more settings.
func (t *trial) start(ctx context.Context, settings ...string) error {
	t.starts++
	args := []string{"--json", "serve"}
	for _, s := range append([]string{"service.service_types=" + t.source, "service.idling=200ms"}, settings...) {
		args = append(args, "--set", s)
	}
	r, err := t.program.Start(fmt.Sprintf("serve%d", t.starts), args...)
	if err != nil {
		return err
	}
	t.service = r
	_, err = r.Await(ctx, "serving")
	return err
}

// stop ends the service and remembers how much memory it had.
func (t *trial) stop() error {
	r := t.service
	if r == nil {
		return nil
	}
	t.peak = max(t.peak, r.Peak())
	t.service = nil
	return r.Stop()
}

// halt ends what is left of a test that did not come to its end.
func (t *trial) halt() { _ = t.stop() }

// tenThousands is by how much a budget for 10,000 documents is multiplied. Fewer
// take their time too.
func tenThousands(documents int) float64 { return max(1, float64(documents)/10_000) }

// judge compares the cost with the budget.
func (t *trial) judge() error {
	budget := t.world.Budget()
	if budget.MiB <= 0 || budget.Seconds <= 0 {
		return fmt.Errorf("the fixture's budget is %+v; give both figures", budget)
	}
	if t.peak > budget.MiB || t.seconds() > budget.Seconds {
		return redf("everything is right, but over the budget: %s", t.cost())
	}
	return nil
}

// seconds is the time of the first sync for every 10,000 documents.
func (t *trial) seconds() float64 { return t.first.seconds() / tenThousands(t.first.documents) }

// cost is what was used of the budget.
func (t *trial) cost() string {
	budget := t.world.Budget()
	memory := fmt.Sprintf("%d of %d MiB", t.peak, budget.MiB)
	if t.peak == 0 {
		memory = "memory not measured on this system"
	}
	return fmt.Sprintf("%s, %.1f of %g s per 10,000 documents", memory, t.seconds(), budget.Seconds)
}

// totals are what was compared.
func (t *trial) totals() string {
	return fmt.Sprintf("%d syncs with %s ids, contents and counters compared, %s deletions, %s",
		t.syncs, count(t.compared), count(t.deleted), t.cost())
}

// connector is the id of the connector under test.
func (t *trial) connector() string { return "ftest-" + t.source }
