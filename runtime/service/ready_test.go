package service_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
	"github.com/tributary-search/tributary/runtime/rules"
	"github.com/tributary-search/tributary/runtime/service"
	"github.com/tributary-search/tributary/runtime/settings"
)

// counted is a kind whose sources count what is asked of them.
type counted struct {
	pings, opened, closed atomic.Int64
	broken                atomic.Bool
}

func (c *counted) kind(abilities ...connector.Ability) connector.Kind {
	return kind("shelf", func() connector.Source {
		c.opened.Add(1)
		return &source{
			getDocs: documents(3), closed: func() { c.closed.Add(1) },
			ping: func() error {
				c.pings.Add(1)
				if c.broken.Load() {
					return errBroken
				}
				return nil
			},
		}
	}, abilities...)
}

func (r *rig) patch(id string, p protocol.Patch) {
	r.t.Helper()
	_, err := r.protocol.Update(r.t.Context(), r.reload(id), func(protocol.Connector) (protocol.Patch, error) { return p, nil })
	require.NoError(r.t, err)
}

func TestAConnectorIsCheckedWhenItChangedAndNotOnEveryLook(t *testing.T) {
	var c counted
	r := newRig(t, c.kind())
	r.connector("c1", func(n *protocol.NewConnector) { n.Configuration = nil })
	r.run(r.service())
	r.until(func() bool { return r.reload("c1").Status == protocol.NeedsConfiguration })
	require.JSONEq(t, `{"a":{"value":""}}`, string(r.reload("c1").Configuration))
	require.Zero(t, c.pings.Load(), "nothing is asked before it is configured")

	r.patch("c1", protocol.Patch{"configuration": json.RawMessage(`{"a":{"value":"1"}}`), "status": protocol.Configured})
	r.until(func() bool { return r.reload("c1").Status == protocol.Connected })
	time.Sleep(300 * time.Millisecond)
	require.LessOrEqual(t, c.pings.Load(), int64(2))
	require.EqualValues(t, 1, c.opened.Load())

	r.patch("c1", protocol.Patch{"configuration": json.RawMessage(`{"a":{"value":"2"}}`), "status": protocol.Configured})
	r.until(func() bool { return c.opened.Load() == 2 && c.closed.Load() == 1 })
	r.wait(r.start("c1", protocol.Full).ID, job.Completed)
	require.EqualValues(t, 2, c.opened.Load(), "the open source is used by the job")
}

func TestASourceThatIsDownIsAnErrorUntilItAnswers(t *testing.T) {
	var c counted
	c.broken.Store(true)
	r := newRig(t, c.kind())
	r.connector("c1")
	r.run(r.service())
	r.until(func() bool { return r.reload("c1").Status == protocol.Errored })
	require.Equal(t, "the source is broken", r.reload("c1").Error)
	c.broken.Store(false)
	r.patch("c1", protocol.Patch{"configuration": json.RawMessage(`{"a":{"value":"new"}}`)})
	r.until(func() bool { return r.reload("c1").Status == protocol.Connected })
	require.Empty(t, r.reload("c1").Error)
}

func TestADraftOfRulesIsValidated(t *testing.T) {
	var c counted
	r := newRig(t, c.kind())
	r.connector("c1")
	r.run(r.service())
	r.until(func() bool { return r.reload("c1").Status == protocol.Connected })
	draft := func(value string) json.RawMessage {
		active := rules.ParseFiltering(r.reload("c1").Filtering)
		require.NotNil(t, active)
		return json.RawMessage(`[{"domain":"DEFAULT","active":{"rules":[],"advanced_snippet":{"value":{}},"validation":{"state":"valid","errors":[]}},` +
			`"draft":{"rules":[{"id":"r1","policy":"exclude","field":"n","rule":"` + value + `","value":"1","order":0}],"advanced_snippet":{"value":{}},` +
			`"validation":{"state":"edited","errors":[]}}}]`)
	}
	r.patch("c1", protocol.Patch{"filtering": draft("nonsense")})
	r.until(func() bool {
		return rules.ParseFiltering(r.reload("c1").Filtering).Draft().State == rules.Invalid
	})
	r.patch("c1", protocol.Patch{"filtering": draft("equals")})
	r.until(func() bool {
		return rules.ParseFiltering(r.reload("c1").Filtering).Draft().State == rules.Valid
	})
	j := r.wait(r.start("c1", protocol.Full).ID, job.Completed)
	require.EqualValues(t, 2, j.Indexed, "the rule excludes one document")
	require.Contains(t, string(j.Metadata), `"rule_hits":[{"id":"r1","hits":1}`)
}

func TestIdleSourcesAreClosed(t *testing.T) {
	var c counted
	r := newRig(t, c.kind())
	r.settings.Service.SourceIdle = 0
	r.settings.Service.CleanupInterval = settings.Duration(100 * time.Millisecond)
	r.connector("c1")
	r.run(r.service())
	r.until(func() bool { return c.closed.Load() == 1 })
	r.wait(r.start("c1", protocol.Full).ID, job.Completed)
	r.until(func() bool { return c.closed.Load() == c.opened.Load() })
}

func TestEverySourceIsClosedAtTheEnd(t *testing.T) {
	var c counted
	r := newRig(t, c.kind())
	r.connector("c1")
	stop := r.run(r.service())
	r.wait(r.start("c1", protocol.Full).ID, job.Completed)
	stop()
	require.Equal(t, c.opened.Load(), c.closed.Load())
}

func TestIdleServicesAskTwiceALook(t *testing.T) {
	var c counted
	r := newRig(t, c.kind())
	p := r.throughProxy()
	for _, id := range []string{"c1", "c2", "c3", "c4", "c5"} {
		r.connector(id)
	}
	r.settings.Service.Idling = settings.Duration(100 * time.Millisecond)
	r.run(r.service())
	for _, id := range []string{"c1", "c2", "c3", "c4", "c5"} {
		r.until(func() bool { return r.reload(id).Status == protocol.Connected })
	}
	var all atomic.Int64
	var polls int64
	p.counting(&all)
	for range 5 { // a request may be under way when a second begins or ends
		all.Store(0)
		before := p.polls.Load()
		time.Sleep(time.Second)
		if polls = p.polls.Load() - before; polls == all.Load() {
			break
		}
	}
	require.Equal(t, polls, all.Load(), "nothing is asked beside the two searches")
	require.LessOrEqual(t, polls, int64(22))
}

func TestSelect(t *testing.T) {
	var c counted
	r := newRig(t, c.kind())
	r.connector("c1", func(n *protocol.NewConnector) { n.Name = "The shelf" })
	sel, err := service.Select(t.Context(), r.protocol, settings.Default())
	require.NoError(t, err)
	require.True(t, sel.All, "nobody else works on the embedded node")

	s := settings.Default()
	s.Elasticsearch.Host = "http://localhost:9200"
	_, err = service.Select(t.Context(), r.protocol, s)
	require.ErrorContains(t, err, "connectors:\n")
	require.ErrorContains(t, err, "\n  - connector_id: "+r.name("c1")+" # "+r.name("shelf")+", \"The shelf\", index "+r.index("c1"))

	s.Connectors = []settings.Connector{{ConnectorID: "c1"}}
	s.Service.ServiceTypes = []string{"shelf"}
	sel, err = service.Select(t.Context(), r.protocol, s)
	require.NoError(t, err)
	require.Equal(t, protocol.Selection{IDs: []string{"c1"}, ServiceTypes: []string{"shelf"}}, sel)
}

func TestDrainRunsWhatWaitsAndEnds(t *testing.T) {
	var c counted
	r := newRig(t, c.kind())
	r.settings.Service.ContentSyncs = 1
	var jobs []string
	for _, id := range []string{"c1", "c2", "c3"} {
		r.connector(id)
		jobs = append(jobs, r.start(id, protocol.Full).ID)
	}
	require.NoError(t, r.service().Drain(t.Context()))
	for _, id := range jobs {
		require.Equal(t, job.Completed, r.wait(id, job.Completed).Status)
	}
	c.broken.Store(true)
	r.start("c1", protocol.Full)
	require.ErrorIs(t, r.service().Drain(t.Context()), service.ErrJobsFailed)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, r.service().Drain(ctx), job.ErrShutdown)
}

func TestAConnectorsOwnKeyWritesItsIndex(t *testing.T) {
	var c counted
	r := newRig(t, c.kind())
	p := r.throughProxy()
	var keys atomic.Int64
	p.answers(p.keyCount("ApiKey a2V5", &keys))
	r.settings.Connectors = []settings.Connector{{ConnectorID: r.name("c1"), ServiceType: r.name("shelf"), APIKey: connector.NewSecret("a2V5")}}
	r.connector("c1")
	r.run(r.service())
	r.wait(r.start("c1", protocol.Full).ID, job.Completed)
	require.Positive(t, keys.Load())
	p.answers(func(w http.ResponseWriter, req *http.Request) bool {
		if !strings.HasPrefix(req.URL.Path, "/search-") {
			return false
		}
		refuse(w, 401, "security_exception", "unable to authenticate with provided credentials")
		return true
	})
	j := r.wait(r.start("c1", protocol.Full).ID, job.Failed, job.Completed)
	require.Contains(t, j.Error, "check the api_key of this connector in the settings")
}

func TestAServiceTypeThatTheSettingsDenyIsLeftAlone(t *testing.T) {
	var c counted
	r := newRig(t, c.kind())
	r.settings.Connectors = []settings.Connector{{ConnectorID: r.name("c1"), ServiceType: "other"}}
	r.connector("c1")
	r.connector("c2")
	r.run(r.service())
	r.until(func() bool { return r.reload("c2").Status == protocol.Connected })
	require.Equal(t, protocol.Configured, r.reload("c1").Status)
}
