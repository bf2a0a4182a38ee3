package faults_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/protocol"
)

// excluding are active rules that exclude documents by their number.
func excluding(operator string, n int) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`[{"domain":"DEFAULT","active":{"rules":[`+
		`{"id":"by-number","policy":"exclude","field":"n","rule":%q,"value":"%d","order":0},`+
		`{"id":"DEFAULT","policy":"include","field":"_","rule":"regex","value":".*","order":1}],`+
		`"advanced_snippet":{"value":{}},"validation":{"state":"valid","errors":[]}}}]`, operator, n))
}

// changedMeanwhile is F30: configuration and rules are changed while a job runs.
// It goes on with those that it was made with; the next one has the new ones.
func changedMeanwhile(t *testing.T, x *trial) {
	w := x.world(t, 60)
	d := w.desk(t, `{"flavor":{"value":"older"}}`)
	d.job(t, nil)
	d.patch(t, protocol.Patch{"configuration": json.RawMessage(`{"flavor":{"value":"old"}}`), "filtering": excluding("<", 10)})
	reached, goOn := make(chan struct{}), make(chan struct{})
	w.shelf.before = func(ctx context.Context, at int) error {
		if at == 30 {
			close(reached)
			<-goOn
		}
		return nil
	}
	j := d.job(t, func(string) {
		<-reached
		d.patch(t, protocol.Patch{"configuration": json.RawMessage(`{"flavor":{"value":"new"}}`), "filtering": excluding(">", 49)})
		close(goOn)
	})
	require.JSONEq(t, `{"flavor":{"value":"old"}}`, string(j.Configuration))
	d.holds(t, "old", 10, 60)

	w.shelf.before = nil
	waiting := d.made(t) // it keeps what it was made with, although it has not begun
	d.patch(t, protocol.Patch{"configuration": json.RawMessage(`{"flavor":{"value":"newest"}}`), "filtering": excluding("<", 30)})
	j = d.work(t, waiting, nil)
	require.JSONEq(t, `{"flavor":{"value":"new"}}`, string(j.Configuration))
	d.holds(t, "new", 0, 50)
	require.EqualValues(t, []int64{50, 10}, []int64{j.Indexed, j.Deleted})
	x.held("I5 counters")
	d.job(t, nil)
	d.holds(t, "newest", 30, 60)
}

// holds asserts that the index holds the documents of a range, made with a
// configuration.
func (d *desk) holds(t *testing.T, flavor string, from, to int) {
	t.Helper()
	truth := map[string]json.RawMessage{}
	for _, n := range numbers(from, to) {
		doc := document(n, 1)
		doc.Set("flavor", flavor)
		truth[doc.ID] = json.RawMessage("{" + string(doc.Fields()) + "}")
	}
	d.equal(t, truth)
	d.secretsKept(t, outcome{requests: d.proxy.Requests()})
	d.trial.held("I1 ids", "I2 contents", "I7 secrets")
}
