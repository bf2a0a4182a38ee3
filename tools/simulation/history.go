package simulation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
)

// Play plays the history and returns what came of it.
func (w *World) Play() Outcome {
	ctx := context.Background()
	if !w.must(w.begin(ctx)) {
		return w.outcome()
	}
	for range 1 + w.rand.IntN(3) {
		w.step(ctx)
	}
	w.heal(ctx)
	w.client.Close()
	w.wire.cut()
	w.serving.Wait()
	time.Sleep(15 * time.Minute) // what still runs of killed processes gives up
	return w.outcome()
}

// begin makes the connector and what the source has at first.
func (w *World) begin(ctx context.Context) (err error) {
	w.wire = newWire(w, user)
	if w.client, err = w.connect(w.wire, time.Minute, elastic.Retry{}); err != nil {
		return err
	}
	w.protocol = protocol.New(w.client.Documents(), protocol.Options{Host: user, Log: w.Log})
	if err := w.protocol.Ensure(ctx); err != nil {
		return err
	}
	n := protocol.NewConnector{ID: connectorID, ServiceType: serviceType, IndexName: content, Configuration: w.configuration()}
	if w.drops {
		w.node.SetPipeline("dropper")
		n.Pipeline = &protocol.Pipeline{Name: "dropper", ExtractBinaryContent: true}
	}
	if _, err := w.protocol.CreateConnector(ctx, n); err != nil {
		return err
	}
	w.start() // the first check gives the connector its features
	time.Sleep(300 * time.Millisecond)
	w.stop()
	first := w.rand.IntN(40)
	if w.many {
		first = 600
	}
	w.mutate(w.rand, first)
	w.regroup(first)
	return nil
}

// mutate changes the source so often. It may be called from many sides.
func (w *World) mutate(d *rand.Rand, times int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for range times {
		if w.ids == 0 || d.IntN(3) == 0 && (w.ids < 60 || w.many && w.ids < 300) {
			w.ids++
			w.shelf.put(fmt.Sprintf("d%d", w.ids), w.version(d))
			continue
		}
		id := fmt.Sprintf("d%d", 1+d.IntN(w.ids))
		if d.IntN(3) == 0 {
			w.shelf.put(id, version{n: -1})
		} else {
			w.shelf.put(id, w.version(d))
		}
	}
}

func (w *World) version(d *rand.Rand) version {
	v := version{kind: []string{"book", "map", "hidden"}[d.IntN(3)], file: d.IntN(5) == 0 && !w.many}
	v.bad = d.IntN(40) == 0
	v.drop = w.drops && d.IntN(10) == 0
	v.large = w.large && d.IntN(12) == 0
	if w.secured {
		v.readers = readers(d)
	}
	return v
}

// readers are who may read a document: nobody, somebody or some.
func readers(d *rand.Rand) string {
	return []string{"", "u1", "u2", "u1 g1", "g1 g2", "u3 u4 g2"}[d.IntN(6)]
}

// regroup changes the people so often, and who may read what.
func (w *World) regroup(times int) {
	if !w.secured {
		return
	}
	for range times {
		id := fmt.Sprintf("u%d", 1+w.rand.IntN(12))
		v := version{kind: "person", readers: readers(w.rand)}
		if w.rand.IntN(4) == 0 {
			v = version{n: -1}
		}
		w.people.put(id, v)
		if all := w.shelf.ids(); w.rand.IntN(2) == 0 && len(all) > 0 {
			w.shelf.relist(all[w.rand.IntN(len(all))], readers(w.rand))
		}
	}
}

// step is one job with everything that happens around it.
func (w *World) step(ctx context.Context) {
	w.mutate(w.rand, w.rand.IntN(12))
	if w.many {
		w.mutate(w.rand, 1000) // three times each, they fill several windows
	}
	if w.rand.IntN(6) == 0 {
		w.must(w.toggleRule(ctx))
	}
	if w.rand.IntN(8) == 0 {
		w.shelf.lose()
	}
	if w.secured {
		w.regroup(w.rand.IntN(8))
		if w.rand.IntN(4) == 0 {
			w.must(w.toggleRestriction(ctx))
		}
	}
	w.shelf.setTrouble(w.chooseTrouble())
	w.weather.set(w.chooseClimate())
	w.start()
	if w.rand.IntN(3) == 0 {
		w.start()
	}
	id, t, err := w.order(ctx, false)
	if !w.must(err) {
		w.stop()
		return
	}
	beside := w.beside(ctx)
	for range w.rand.IntN(6) {
		time.Sleep(time.Duration(w.rand.Int64N(int64(w.spread()))))
		if !w.oracle.over(id) {
			w.disturb(ctx, id)
		}
	}
	if !w.oracle.over(id) {
		time.Sleep(w.while(10 * time.Second))
	}
	w.calm()
	w.await(id, t)
	if beside != "" {
		w.await(beside, protocol.AccessControl)
	}
	w.stop()
}

// beside orders a job that reads the people, to run beside another one; it may order none.
func (w *World) beside(ctx context.Context) (id string) {
	if !w.secured || w.rand.IntN(2) == 0 {
		return ""
	}
	conn, err := w.protocol.Connector(ctx, connectorID)
	if w.must(err) {
		id, err = w.orderOf(ctx, conn, protocol.AccessControl, protocol.OnDemand, false)
		w.must(err)
	}
	return id
}

// spread is how much time passes between two disturbances.
func (w *World) spread() time.Duration {
	return []time.Duration{20 * time.Millisecond, 100 * time.Millisecond, time.Second, 15 * time.Second}[w.rand.IntN(4)]
}

// order makes a job.
func (w *World) order(ctx context.Context, deletes bool) (string, protocol.JobType, error) {
	conn, err := w.protocol.Connector(ctx, connectorID)
	if err != nil {
		return "", "", err
	}
	t, trigger := protocol.Full, protocol.OnDemand
	if w.rand.IntN(2) == 0 || w.many && w.rand.IntN(2) == 0 {
		t = protocol.Incremental
	}
	if w.rand.IntN(2) == 0 {
		trigger = protocol.Scheduled
	}
	honest := w.shelf.troubles().lies == 0 // the guard is what protects from a source that shows nothing
	id, err := w.orderOf(ctx, conn, t, trigger, deletes || honest && w.rand.IntN(3) == 0)
	return id, t, err
}

func (w *World) orderOf(ctx context.Context, conn protocol.Connector, t protocol.JobType, by protocol.Trigger, deletes bool) (string, error) {
	w.jobs++
	j, err := w.protocol.CreateJob(ctx, conn, t, by, protocol.JobOptions{ID: fmt.Sprintf("j%d", w.jobs), AllowDeletes: deletes})
	w.oracle.say("job %s: %s, %s, deletes allowed: %t", j.ID, t, by, deletes)
	return j.ID, err
}

// longest is how long a job may take when everything works again.
const longest = 20 * time.Minute

// await waits for the end of a job, and for its connector to be free.
func (w *World) await(id string, t protocol.JobType) (ended jobDocument) {
	for end := time.Now().Add(longest); ; time.Sleep(100 * time.Millisecond) {
		var conn struct {
			Content job.Status `json:"last_sync_status"`
			People  job.Status `json:"last_access_control_sync_status"`
		}
		ended = jobDocument{}
		if !w.must(errors.Join(json.Unmarshal(w.node.Document(jobsIndex, id), &ended), json.Unmarshal(w.node.Document(connectorsIndex, connectorID), &conn))) {
			return ended
		}
		held := conn.Content
		if t == protocol.AccessControl {
			held = conn.People
		}
		done := ended.Status == job.Completed || ended.Status == job.Canceled || ended.Status == job.Failed
		if done && held != job.InProgress {
			return ended
		}
		if time.Now().After(end) {
			w.found("job %s is still %s, its connector %s, after %s of calm", id, ended.Status, held, longest)
			return ended
		}
	}
}

// calm ends every disturbance and makes sure that somebody works.
func (w *World) calm() {
	w.oracle.say("calm")
	w.weather.set(climate{})
	w.weather.setDown(false)
	t := w.shelf.troubles()
	t.breaks, t.loses, t.lies = 0, 0, 0
	w.shelf.setTrouble(t)
	for _, p := range w.workers {
		p.wire.resume()
	}
	if w.living() == nil {
		w.start()
	}
}
