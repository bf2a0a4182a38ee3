package service_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/letters"
	"github.com/tributary-search/tributary/runtime/protocol"
	"github.com/tributary-search/tributary/runtime/service"
)

// waits are the ids of documents of a connector that wait in the dead letters.
func (r *rig) waits(id string) (ids []string) {
	r.t.Helper()
	store := service.Letters(r.client, r.settings)
	require.NoError(r.t, store.Each(r.t.Context(), letters.Query{Connector: r.name(id)}, func(l *letters.Letter, _ letters.Place) error {
		require.Equal(r.t, r.index(id), l.Index)
		ids = append(ids, l.ID)
		return nil
	}))
	return ids
}

// deadLetters is what a job's metadata says of them.
func deadLetters(t *testing.T, j protocol.Job) (s *letters.Summary) {
	t.Helper()
	var m struct {
		Tributary struct {
			DeadLetters *letters.Summary `json:"dead_letters"`
		}
	}
	require.NoError(t, json.Unmarshal(j.Metadata, &m))
	return m.Tributary.DeadLetters
}

func TestARejectedDocumentWaitsUntilAChangeOfItComesIn(t *testing.T) {
	r, l, _ := ledgerRig(t)
	require.NoError(t, r.client.Index(r.index("c1")).Ensure(t.Context(), []byte(`{"mappings":{"properties":{"n":{"type":"byte"}}}}`)))
	r.sync(protocol.Full)
	l.put("a", 1000) // is no byte
	j := r.sync(protocol.Incremental)
	require.EqualValues(t, 1, told(t, j).Counters.Failed)
	require.Equal(t, &letters.Summary{Waiting: 1, Index: "tributary-failed"}, deadLetters(t, j))
	require.Equal(t, []string{"a"}, r.waits("c1"))
	require.Equal(t, 3, r.count(r.index("c1")), "the old copy stays")

	l.put("b", 5)
	require.EqualValues(t, 1, deadLetters(t, r.sync(protocol.Incremental)).Waiting)
	l.put("a", 7)
	require.Nil(t, deadLetters(t, r.sync(protocol.Incremental)))
	require.Empty(t, r.waits("c1"))

	l.put("a", 2000)
	l.put("b", 3000)
	r.sync(protocol.Full)
	require.ElementsMatch(t, []string{"a", "b"}, r.waits("c1"))
	l.put("a", 1)
	l.drop("b")
	require.Nil(t, deadLetters(t, r.sync(protocol.Full)))
	require.Empty(t, r.waits("c1"))
}
