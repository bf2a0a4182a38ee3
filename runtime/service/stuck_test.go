package service_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
)

func TestASourceThatHangsStopsNobodyElse(t *testing.T) {
	goOn := make(chan struct{})
	hangs := kind("hangs", nil)
	hangs.Open = func(context.Context, json.RawMessage, connector.Deps) (connector.Source, error) {
		<-goOn
		return &source{getDocs: documents(1)}, nil
	}
	r := newRig(t, kind("shelf", func() connector.Source { return &source{getDocs: documents(3)} }), hangs)
	r.connector("h1", func(n *protocol.NewConnector) { n.ServiceType = r.name("hangs") })
	r.connector("c1")
	r.run(r.service())
	r.until(func() bool { return r.reload("c1").Status == protocol.Connected })
	r.wait(r.start("c1", protocol.Full).ID, job.Completed)
	close(goOn)
	r.until(func() bool { return r.reload("h1").Status == protocol.Connected })
}

func TestASourceThatDoesNotStopIsGivenUp(t *testing.T) {
	begun, goOn, gone := make(chan struct{}), make(chan struct{}), make(chan struct{})
	r := newRig(t, kind("shelf", func() connector.Source {
		return &source{getDocs: func(context.Context, func(connector.Document) error) error {
			defer close(gone)
			close(begun)
			<-goOn // whatever the context says
			return nil
		}}
	}))
	r.connector("c1")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	s := r.service()
	s.Log = quiet() // it may write after the end of the test
	go func() { done <- s.Run(ctx) }()
	j := r.start("c1", protocol.Full)
	<-begun
	cancel()
	select {
	case err := <-done:
		require.ErrorContains(t, err, "does not stop")
	case <-time.After(15 * time.Second):
		require.Fail(t, "the service does not stop")
	}
	close(goOn)
	<-gone
	r.wait(j.ID, job.Suspended)
	r.until(func() bool { return r.reload("c1").LastSyncStatus == job.Suspended })
}
