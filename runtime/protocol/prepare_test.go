package protocol_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/protocol"
	"github.com/tributary-search/tributary/runtime/rules"
)

// What a document becomes, by its status and configuration.
func TestPrepareStatus(t *testing.T) {
	const filled = `{"path":{"value":"/srv"}}`
	for name, test := range map[string]struct {
		status, configuration string
		want                  protocol.ConnectorStatus
		error                 string
	}{
		"new":                 {`"created"`, `{}`, protocol.NeedsConfiguration, ""},
		"new, null":           {`"created"`, `null`, protocol.NeedsConfiguration, ""},
		"without status":      {`null`, `{}`, protocol.NeedsConfiguration, ""},
		"new with values":     {`"created"`, filled, protocol.NeedsConfiguration, ""},
		"waits":               {`"needs_configuration"`, filled, protocol.NeedsConfiguration, ""},
		"saved":               {`"configured"`, filled, protocol.Configured, ""},
		"saved and lost":      {`"configured"`, `{}`, protocol.NeedsConfiguration, ""},
		"in use":              {`"connected"`, filled, protocol.Connected, ""},
		"in use and lost":     {`"connected"`, `{}`, protocol.Errored, "fill them in and save"},
		"failed and lost":     {`"error"`, `{}`, protocol.Errored, "fill them in and save"},
		"of a later protocol": {`"paused"`, filled, "paused", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := here(t)
			w.put(t, protocol.ConnectorsIndex, "c", `{"service_type":"notes","index_name":"i","status":`+test.status+`,"configuration":`+test.configuration+`}`)
			conn, err := w.Connector(t.Context(), "c")
			require.NoError(t, err)
			conn, problems, err := w.Prepare(t.Context(), conn, notes())
			require.NoError(t, err)
			require.Empty(t, problems)
			require.Equal(t, test.want, conn.Status)
			require.Contains(t, conn.Error, test.error)
			again, _, err := w.Prepare(t.Context(), conn, notes())
			require.NoError(t, err)
			require.Equal(t, conn.Version, again.Version, "nothing to write")
		})
	}
}

// A kind that refuses what is stored puts the reason into the document.
func TestPrepareBrokenConfiguration(t *testing.T) {
	w := here(t)
	conn := w.connected(t, "c")
	kind := notes()
	kind.Prepare = func(stored json.RawMessage) (json.RawMessage, connector.Problems) {
		return stored, connector.Problems{{Message: "the configuration must be an object"}}
	}
	conn, problems, err := w.Prepare(t.Context(), conn, kind)
	require.NoError(t, err)
	require.Len(t, problems, 1)
	require.Equal(t, protocol.Errored, conn.Status)
	require.Equal(t, "the configuration must be an object", conn.Error)
}

func TestPrepareFeatures(t *testing.T) {
	all := `{"sync_rules":{"basic":{"enabled":true},"advanced":{"enabled":true}},"document_level_security":{"enabled":true},"incremental_sync":{"enabled":true}}`
	none := `{"sync_rules":{"basic":{"enabled":true},"advanced":{"enabled":false}},"document_level_security":{"enabled":false},"incremental_sync":{"enabled":false}}`
	plain := notes()
	plain.Abilities = nil
	for name, test := range map[string]struct {
		kind           connector.Kind
		native, stored string
		want           string
	}{
		"nothing stored":            {notes(), "false", `null`, all},
		"a kind that can't":         {plain, "false", all, none},
		"a kind that can by now":    {notes(), "false", none, all},
		"old names stay":            {notes(), "false", `{"filtering_rules":true}`, `{"filtering_rules":true,` + all[1:]},
		"native choices stay":       {notes(), "true", none, none},
		"native, missing are on":    {notes(), "true", `{"incremental_sync":{"enabled":false}}`, `{"sync_rules":{"basic":{"enabled":true},"advanced":{"enabled":true}},"document_level_security":{"enabled":true},"incremental_sync":{"enabled":false}}`},
		"native, a kind that can't": {plain, "true", all, none},
		"unknown names stay": {notes(), "true",
			`{"native_connector_api_keys":{"enabled":true},"sync_rules":{"basic":{"enabled":true,"x":1}}}`,
			`{"native_connector_api_keys":{"enabled":true},"sync_rules":{"basic":{"enabled":true,"x":1},"advanced":{"enabled":true}},"document_level_security":{"enabled":true},"incremental_sync":{"enabled":true}}`},
	} {
		t.Run(name, func(t *testing.T) {
			w := here(t)
			w.put(t, protocol.ConnectorsIndex, "c",
				`{"service_type":"notes","status":"configured","configuration":{"path":{}},"is_native":`+test.native+`,"features":`+test.stored+`}`)
			conn, err := w.Connector(t.Context(), "c")
			require.NoError(t, err)
			_, _, err = w.Prepare(t.Context(), conn, test.kind)
			require.NoError(t, err)
			var doc struct{ Features json.RawMessage }
			require.NoError(t, json.Unmarshal([]byte(w.source(t, protocol.ConnectorsIndex, "c")), &doc))
			require.JSONEq(t, test.want, string(doc.Features))
		})
	}
}

// The error of a job stays until another job starts; that of a check goes when
// the source answers.
func TestConnected(t *testing.T) {
	w := here(t)
	conn := w.connected(t, "c")
	version := conn.Version
	conn, err := w.Connected(t.Context(), conn)
	require.NoError(t, err)
	require.Equal(t, version, conn.Version, "nothing to write")

	conn, err = w.Errored(t.Context(), conn, "the disk is away; mount it")
	require.NoError(t, err)
	version = conn.Version
	conn, err = w.Errored(t.Context(), conn, "the disk is away; mount it")
	require.NoError(t, err)
	require.Equal(t, version, conn.Version, "nothing to write")
	conn, err = w.Connected(t.Context(), conn)
	require.NoError(t, err)
	require.Equal(t, protocol.Connected, conn.Status)

	l := w.claimed(t, conn, protocol.Full)
	require.NoError(t, l.Finish(t.Context(), protocol.Result{Status: job.Failed, Error: "half of it was missing"}))
	conn, err = w.Connector(t.Context(), "c")
	require.NoError(t, err)
	conn, err = w.Connected(t.Context(), conn)
	require.NoError(t, err)
	require.Equal(t, "half of it was missing", conn.Error)
	w.claimed(t, conn, protocol.Full)
	conn, err = w.Connector(t.Context(), "c")
	require.NoError(t, err)
	require.Equal(t, protocol.Connected, conn.Status)
	require.Empty(t, conn.Error)
}

// A status that the tables don't lead to is not written.
func TestIllegalStatus(t *testing.T) {
	w := here(t)
	conn := w.connected(t, "c")
	_, err := w.Update(t.Context(), conn, func(protocol.Connector) (protocol.Patch, error) {
		return protocol.Patch{"status": protocol.Created}, nil
	})
	require.ErrorIs(t, err, protocol.ErrTransition)
	require.ErrorContains(t, err, `connector c: no legal change of status: it is "connected" and can't become "created"`)
}

const edited = `[
	{"domain":"OTHER","draft":{"rules":[{"id":"<x>"}]},"n":1.50},
	{"domain":"DEFAULT","active":{"rules":[],"validation":{"state":"valid","errors":[]}},"own":[1,2.0],
	 "draft":{"advanced_snippet":{"value":%s},"rules":[],"validation":{"state":"edited","errors":[]},"note":"<b>"}}]`

func TestValidateDraft(t *testing.T) {
	validators := rules.ValidatorsOf(notes(), nil)
	for name, test := range map[string]struct {
		snippet string
		state   rules.State
	}{
		"valid":   {`[{"good":1}]`, rules.Valid},
		"invalid": {`[{"bad":1}]`, rules.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			w := here(t)
			w.put(t, protocol.ConnectorsIndex, "c",
				`{"status":"connected","features":{"sync_rules":{"advanced":{"enabled":true}}},"filtering":`+sprintf(edited, test.snippet)+`}`)
			conn, err := w.Connector(t.Context(), "c")
			require.NoError(t, err)
			conn, result, found, err := w.ValidateDraft(t.Context(), conn, validators)
			require.NoError(t, err)
			require.True(t, found)
			require.Equal(t, test.state, result.State)

			parsed := rules.ParseFiltering(conn.Filtering)
			require.Equal(t, test.state, parsed.Draft().State)
			require.Equal(t, test.state == rules.Valid, parsed.Active().HasAdvanced())
			stored := compact(t, conn.Filtering)
			require.Contains(t, stored, `{"domain":"OTHER","draft":{"rules":[{"id":"<x>"}]},"n":1.50}`)
			require.Contains(t, stored, `"own":[1,2.0]`)
			require.Contains(t, stored, `"note":"<b>"`)

			_, _, found, err = w.ValidateDraft(t.Context(), conn, validators)
			require.NoError(t, err)
			require.False(t, found, "no draft waits")
		})
	}
}
