package service_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/service"
	"github.com/tributary-search/tributary/sources/directory"
)

// TestRestricts has the switch of document-level security in every form in which
// a configuration may hold it.
func TestRestricts(t *testing.T) {
	always := connector.Kind{Abilities: []connector.Ability{connector.AbilityAccessControl}, Configuration: json.RawMessage(`{"host":{"value":""}}`)}
	never := connector.Kind{Configuration: json.RawMessage(`{"use_document_level_security":{"value":true}}`)}
	for _, test := range []struct {
		why           string
		kind          connector.Kind
		configuration string
		want          bool
	}{
		{"not set", directory.Kind(), `{"directory":"/srv"}`, false},
		{"plain", directory.Kind(), `{"use_document_level_security":true}`, true},
		{"plain, off", directory.Kind(), `{"use_document_level_security":false}`, false},
		{"text", directory.Kind(), `{"use_document_level_security":"true"}`, true},
		{"stored", directory.Kind(), `{"use_document_level_security":{"label":"x","value":true}}`, true},
		{"stored as text", directory.Kind(), `{"use_document_level_security":{"value":"true"}}`, true},
		{"stored, off", directory.Kind(), `{"use_document_level_security":{"value":false}}`, false},
		{"stored, null", directory.Kind(), `{"use_document_level_security":{"value":null}}`, false},
		{"no configuration", directory.Kind(), ``, false},
		{"a source without a switch", always, `{}`, true},
		{"a source that can't", never, `{"use_document_level_security":true}`, false},
	} {
		require.Equal(t, test.want, service.Restricts(test.kind, json.RawMessage(test.configuration)), test.why)
	}
}
