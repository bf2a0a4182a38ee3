package simulation

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/tributary-search/tributary/runtime/protocol"
)

func (w *World) chooseTrouble() trouble {
	some := func(most float64) float64 {
		if w.rand.IntN(3) > 0 {
			return 0
		}
		return most * w.rand.Float64()
	}
	t := trouble{
		unreadable: some(0.1), file: some(0.5), breaks: some(1), lies: some(0.3), moves: some(0.2), replays: some(0.6), shuffles: some(0.6), loses: some(0.5),
	}
	if t.repeats = 1; w.many { // so many chances would let no run come to its end
		t.repeats, t.unreadable, t.breaks, t.loses, t.moves, t.pause = 3, t.unreadable/10, t.breaks/50, t.loses/50, t.moves/50, 15*time.Millisecond
	}
	return t
}

func (w *World) chooseClimate() climate {
	var c climate
	if w.narrow && w.extra.IntN(3) > 0 {
		c.limit = 300 + w.extra.IntN(1500)
	}
	if w.extra.IntN(3) == 0 {
		c.late = w.extra.Float64()
	}
	if w.rand.IntN(4) == 0 {
		return c
	}
	all := []*float64{&c.busy, &c.broken, &c.before, &c.after, &c.midway, &c.garbled, &c.shard, &c.slow, &c.items, &c.crawl, &c.lose}
	for range 1 + w.rand.IntN(4) {
		*all[w.rand.IntN(len(all))] = 0.3 * w.rand.Float64()
	}
	return c
}

// disturb does one thing that a bad day may bring.
func (w *World) disturb(ctx context.Context, jobID string) {
	switch w.rand.IntN(16) {
	case 0, 1, 2, 3:
		w.mutate(w.rand, 1+w.rand.IntN(6))
	case 4, 5:
		w.weather.set(w.chooseClimate())
	case 6, 7:
		w.crash()
	case 8:
		w.freeze()
	case 9:
		w.restart()
	case 10:
		w.node.LosePITs()
	case 11:
		w.must(w.meddle(ctx))
	case 12:
		w.jumped.Store(int64(time.Duration(w.rand.IntN(3)-1) * time.Hour))
		w.oracle.say("the clock is wrong by %s", time.Duration(w.jumped.Load()))
	case 13:
		w.deny()
	case 14:
		w.dropIndex(ctx)
	case 15:
		if w.rand.IntN(4) == 0 {
			_, err := w.protocol.CancelJob(ctx, jobID)
			w.oracle.say("job %s is canceled: %v", jobID, err)
		}
	}
}

// while is a time that is rarely long.
func (w *World) while(most time.Duration) time.Duration {
	return time.Duration(float64(most) * math.Pow(w.rand.Float64(), 3))
}

// crash kills a process; another one starts a while later.
func (w *World) crash() {
	p := w.living()
	if p == nil {
		return
	}
	w.kill(p)
	time.Sleep(time.Duration(w.rand.Int64N(int64(3 * time.Second))))
	w.start()
}

// freeze holds up what a process sends, for longer than its lease or not.
func (w *World) freeze() {
	p := w.living()
	if p == nil {
		return
	}
	for_ := w.while(4 * lease)
	w.oracle.say("%s is frozen for %s", p.name, for_)
	p.wire.freeze()
	if w.rand.IntN(2) == 0 {
		w.start()
	}
	time.Sleep(for_)
	p.wire.resume()
}

// restart takes the cluster away for a while.
func (w *World) restart() {
	w.oracle.say("the node goes down")
	w.weather.setDown(true)
	for _, p := range w.workers {
		p.wire.cut()
	}
	time.Sleep(w.while(time.Minute))
	w.node.Restart()
	w.weather.setDown(false)
	w.oracle.say("the node is up")
}

// deny lets nobody in for a while.
func (w *World) deny() {
	w.weather.set(climate{denied: true})
	time.Sleep(w.while(20 * time.Second))
	w.weather.set(climate{})
}

// meddle is a user's own write to the index: to a document of the connector, or one of another owner.
func (w *World) meddle(ctx context.Context) error {
	if w.node.Documents(content) == nil {
		return nil
	}
	id, owner := fmt.Sprintf("f%d", w.rand.IntN(3)), foreignOwner+"x"
	if all := w.shelf.ids(); w.rand.IntN(8) == 0 && len(all) > 0 {
		id = all[w.rand.IntN(len(all))]
	}
	docs := w.client.Documents()
	if id[0] == 'd' || w.rand.IntN(2) == 0 {
		stored, there := w.node.Documents(content)[id]
		if there && id[0] == 'd' { // a field of its own
			var fields map[string]any
			if json.Unmarshal(stored, &fields) == nil {
				_, err := docs.Touch(ctx, content, []string{id}, []byte(`{"note":"mine"}`))
				return ignored(err)
			}
		}
	}
	body := fmt.Appendf(nil, `{"n":%d,"_fingerprint":%q}`, w.rand.IntN(1000), owner)
	_, _, _, err := docs.Create(ctx, content, id, body)
	return ignored(err)
}

// ignored passes over what a user's write may meet: a document that is there, or an index without alias.
func ignored(error) error { return nil }

// dropIndex deletes the index.
func (w *World) dropIndex(ctx context.Context) {
	if w.rand.IntN(3) > 0 {
		return
	}
	name := content
	if w.secured && w.rand.IntN(3) == 0 {
		name = identities
	}
	w.must(w.client.Index(name).Delete(ctx))
}

// configuration is the connector's, as a user stores it.
func (w *World) configuration() json.RawMessage {
	if !w.secured {
		return json.RawMessage(`{"a":{"value":"b"}}`)
	}
	text := strings.Replace(`{"a":{"value":"b"},`+restriction+`}`, "true", strconv.FormatBool(w.restricted), 1)
	return json.RawMessage(text)
}

// toggleRestriction switches on or off that documents say who may read them.
func (w *World) toggleRestriction(ctx context.Context) error {
	conn, err := w.protocol.Connector(ctx, connectorID)
	if err != nil {
		return err
	}
	w.restricted = !w.restricted
	w.oracle.say("documents say who may read them: %t", w.restricted)
	_, err = w.protocol.Update(ctx, conn, func(protocol.Connector) (protocol.Patch, error) {
		return protocol.Patch{"configuration": w.configuration()}, nil
	})
	return err
}

// toggleRule switches the rule on or off that excludes hidden documents.
func (w *World) toggleRule(ctx context.Context) error {
	conn, err := w.protocol.Connector(ctx, connectorID)
	if err != nil {
		return err
	}
	w.hides = !w.hides
	rules := `{"id":"DEFAULT","policy":"include","field":"_","rule":"regex","value":".*","order":1}`
	if w.hides {
		rules = `{"id":"hide","policy":"exclude","field":"kind","rule":"equals","value":"hidden","order":0},` + rules
	}
	filter := `{"rules":[` + rules + `],"advanced_snippet":{"value":{}},"validation":{"state":"valid","errors":[]}}`
	w.oracle.say("hidden documents are excluded: %t", w.hides)
	_, err = w.protocol.Update(ctx, conn, func(protocol.Connector) (protocol.Patch, error) {
		return protocol.Patch{"filtering": json.RawMessage(`[{"domain":"DEFAULT","active":` + filter + `,"draft":` + filter + `}]`)}, nil
	})
	return err
}
