package settings_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/settings"
)

func TestProblems(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"unknown key":          {"elasticsearch:\n  hots: x\n", "2:3: unknown setting elasticsearch.hots; did you mean \"elasticsearch.host\"?"},
		"unknown dotted key":   {"elasticserch.host: x\n", "1:1: unknown setting elasticserch.host; did you mean \"elasticsearch.host\"?"},
		"wrong section":        {"max_deletes: 5\n", "1:1: unknown setting max_deletes; did you mean \"sync.max_deletes\"?"},
		"nothing near":         {"weather: 5\n", "1:1: unknown setting weather"},
		"text for a number":    {"sync:\n  max_deletes: many\n", `2:16: sync.max_deletes: must be a whole number, not the text "many"`},
		"quoted number":        {"sync: {max_deletes: '5'}\n", `1:21: sync.max_deletes: must be a whole number, not the text "5"`},
		"fraction":             {"sync: {max_deletes: 1.5}\n", "1:21: sync.max_deletes: must be a whole number, not 1.5"},
		"too small":            {"sync: {max_deletes: -1}\n", "1:21: sync.max_deletes: must be 0 or more, not -1"},
		"out of range":         {"sync: {max_delete_share: 20}\n", "1:26: sync.max_delete_share: must be between 0 and 1, not 20"},
		"yes":                  {"elasticsearch: {compress: yes}\n", `must be true or false, not the text "yes"`},
		"list for text":        {"data: [a]\n", "1:7: data: must be a single value, not a list"},
		"section for secret":   {"elasticsearch: {api_key: {a: hidden}}\n", "elasticsearch.api_key: must be a single value, not a section"},
		"value for section":    {"sync: 5\n", "1:7: sync must be a section, not 5"},
		"value for map":        {"sources: directory\n", `1:10: sources: must be a section of names and values, not the text "directory"`},
		"choice":               {"log: {level: inof}\n", "log.level: must be one of debug, info, warn, error, not the text \"inof\"; did you mean \"info\"?"},
		"url":                  {"elasticsearch.host: localhost:9200\n", "elasticsearch.host: must be a URL that begins with http:// or https://"},
		"duration":             {"elasticsearch.request_timeout: soon\n", `must be a length of time such as 30s, or a number of seconds, not the text "soon"`},
		"negative duration":    {"elasticsearch.request_timeout: -5\n", "must be a length of time"},
		"twice":                {"data: a\ndata: b\n", "2:1: data is given twice, first in line 1"},
		"twice, both forms":    {"elasticsearch.host: http://a\nelasticsearch:\n  host: http://b\n", "3:3: elasticsearch.host is given twice, first in line 1"},
		"twice, renamed":       {"log.level: info\nservice.log_level: INFO\n", "2:1: service.log_level is given twice"},
		"alias":                {"data: &x a\nlog: {level: *x}\n", "aliases (*name) are not allowed"},
		"anchor":               {"data: &x a\n", "1:7: anchors (&name) are not allowed"},
		"merge":                {"log:\n  <<: {level: info}\n", "2:3: merge keys (<<) are not allowed"},
		"not YAML":             {"data: [a\n", "is no YAML"},
		"tab":                  {"log:\n\tlevel: info\n", ":2:1: is no YAML"},
		"two documents":        {"data: a\n---\ndata: b\n", "a second document"},
		"a list":               {"- a\n", "1:1: must hold settings, not a list"},
		"variable":             {"data: ${NOT_SET}\n", `1:7: data: the environment variable "NOT_SET" is not set`},
		"variable in a list":   {"connectors:\n  - connector_id: ${NOT_SET}\n", `2:19: connectors: the environment variable "NOT_SET" is not set`},
		"missing secret file":  {"elasticsearch.api_key: file:nowhere\n", "read the secret: open "},
		"host and cloud":       {"elasticsearch: {host: http://a, cloud_id: b}\n", "are both set; remove one"},
		"connector without id": {"connectors:\n  - service_type: directory\n", "2:5: connectors: connector_id is missing"},
		"connector key":        {"connectors:\n  - conector_id: a\n", `2:5: connectors: unknown key "conector_id"; did you mean "connector_id"?`},
		"too large":            {"data: " + strings.Repeat("x", 1<<20), "is larger than 1 MiB"},
		"a key that is a list": {"[a]: b\n", "must be the name of a setting"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := settings.Load(settings.Input{File: write(t, c.text)})
			require.ErrorContains(t, err, c.want)
			require.ErrorAs(t, err, new(settings.Problems))
			require.NotContains(t, err.Error(), "hidden")
		})
	}
}

func TestAllProblemsAtOnce(t *testing.T) {
	_, _, err := settings.Load(settings.Input{
		File:  write(t, "dta: a\nsync: {max_deletes: x}\n"),
		Env:   []string{"TRIBUTARY_SYNC_MAX_DELETE_SHARE=much"},
		Flags: []settings.Flag{{Name: "--set", Key: "sync.max_delets", Value: "1"}},
	})
	var problems settings.Problems
	require.ErrorAs(t, err, &problems)
	require.Len(t, problems, 4)
	require.Equal(t, `TRIBUTARY_SYNC_MAX_DELETE_SHARE: must be a number, not the text "much"`, problems[2].String())
	require.Equal(t, "--set: unknown setting sync.max_delets; did you mean \"sync.max_deletes\"?", problems[3].String())
}

func TestLimitsOfTheService(t *testing.T) {
	_, _, err := settings.Load(settings.Input{File: write(t, "service: {idling: 0, lease: 1s}\n")})
	var problems settings.Problems
	require.ErrorAs(t, err, &problems)
	require.Len(t, problems, 2)
	require.Contains(t, problems[0].Message, "service.idling must be 10ms or more")
	require.Contains(t, problems[1].Message, "service.lease must be 3s or more")
}

func TestMissingFile(t *testing.T) {
	_, _, err := settings.Load(settings.Input{File: filepath.Join(t.TempDir(), "none.yml")})
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestEmptyFile(t *testing.T) {
	for _, text := range []string{"", "\n# only a comment\n", "---\n", "null\n"} {
		require.Equal(t, settings.Default(), load(t, text), "%q", text)
	}
}

func TestWarnings(t *testing.T) {
	for name, c := range map[string]struct {
		text, env, want string
	}{
		"Elastic's key":        {"service.max_errors: 30\n", "", "1:1: service.max_errors has no effect here: the service goes on after an error"},
		"Elastic's nested key": {"elasticsearch:\n  bulk:\n    queue_max_size: 5\n", "", "3:5: elasticsearch.bulk.queue_max_size has no effect here"},
		"unknown variable":     {"", "TRIBUTARY_SYNC_MAX_DELETE=5", "TRIBUTARY_SYNC_MAX_DELETE: no setting has this name; did you mean \"TRIBUTARY_SYNC_MAX_DELETES\"?"},
		"half a login":         {"elasticsearch.username: u\n", "", "only work together"},
	} {
		t.Run(name, func(t *testing.T) {
			_, warnings, err := settings.Load(settings.Input{File: write(t, c.text), Env: []string{c.env}})
			require.NoError(t, err)
			require.Len(t, warnings, 1)
			require.Contains(t, warnings[0].String(), c.want)
		})
	}
}
