package settings

import (
	"maps"
	"slices"
	"strings"

	"github.com/tributary-search/tributary/runtime/schema"
)

// prefix of the environment variables that set a setting.
const prefix = "TRIBUTARY_"

// others are variables with that prefix that are no settings.
var others = []string{"TRIBUTARY_CONFIG"}

// common are the variables that tools for Elasticsearch share. They are weaker
// than Tributary's own.
var common = []struct{ name, key string }{
	{"ELASTICSEARCH_URL", "elasticsearch.host"},
	{"ELASTICSEARCH_API_KEY", "elasticsearch.api_key"},
	{"ELASTICSEARCH_USERNAME", "elasticsearch.username"},
	{"ELASTICSEARCH_PASSWORD", "elasticsearch.password"},
}

// EnvName returns the environment variable of a setting.
func EnvName(key string) string {
	return prefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// environment applies the environment. An empty variable counts as not set.
func (l *loader) environment() {
	given := map[string]string{}
	for _, c := range common {
		if l.env[c.name] != "" {
			given[c.key] = c.name
		}
	}
	known := slices.Clone(others)
	for _, key := range l.keys {
		name := EnvName(key)
		known = append(known, name)
		if l.env[name] != "" {
			given[key] = name
		}
	}
	l.dropWeaker(func(key string) bool { return given[key] != "" })
	for _, key := range slices.Sorted(maps.Keys(given)) {
		l.override(given[key], key, l.env[given[key]])
	}
	for _, name := range slices.Sorted(maps.Keys(l.env)) {
		if strings.HasPrefix(name, prefix) && !strings.HasPrefix(name, prefix+"TEST_") && !slices.Contains(known, name) {
			l.warnings = append(l.warnings, Problem{Origin: name, Message: "no setting has this name" + schema.DidYouMean(name, known)})
		}
	}
}

// flags applies the command line.
func (l *loader) flags(flags []Flag) {
	l.dropWeaker(func(key string) bool {
		return slices.ContainsFunc(flags, func(f Flag) bool { return f.Key == key })
	})
	for _, f := range flags {
		l.override(f.Name, f.Key, f.Value)
	}
}

// dropWeaker forgets an address or credentials of a weaker origin when a
// stronger one gives them in another form: a user's password given in the
// environment is not to lose against an API key in a file.
func (l *loader) dropWeaker(given func(key string) bool) {
	es := &l.settings.Elasticsearch
	none := Default().Elasticsearch
	switch host, cloud := given("elasticsearch.host"), given("elasticsearch.cloud_id"); {
	case host && !cloud:
		es.CloudID = none.CloudID
	case cloud && !host:
		es.Host = none.Host
	}
	if (given("elasticsearch.username") || given("elasticsearch.password")) && !given("elasticsearch.api_key") {
		es.APIKey = none.APIKey
	}
}

func (l *loader) override(origin, key, value string) {
	f, entry, ok := l.find(key)
	if !ok {
		l.bad = append(l.bad, Problem{Origin: origin, Message: "unknown setting " + key + keyHint(key, l.keys)})
		return
	}
	err := f.setText(entry, value)
	if err != nil {
		l.bad = append(l.bad, Problem{Origin: origin, Message: err.Error()})
	}
}

// setText sets a setting, or one entry of it, from a text.
func (f field) setText(entry, value string) error {
	if entry != "" {
		return f.setKey(entry, plain(value))
	}
	return f.set(plain(value))
}
