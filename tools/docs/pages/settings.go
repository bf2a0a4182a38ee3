package pages

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/tributary-search/tributary/gen/emit"
	"github.com/tributary-search/tributary/runtime/settings"
)

// node is a part of the schema of the settings.
type node struct {
	Ref         string           `json:"$ref"`
	Defs        map[string]*node `json:"$defs"`
	Properties  map[string]*node `json:"properties"`
	Items       *node            `json:"items"`
	Type        string           `json:"type"`
	AnyOf       []node           `json:"anyOf"`
	Enum        []any            `json:"enum"`
	Default     any              `json:"default"`
	Minimum     *float64         `json:"minimum"`
	Maximum     *float64         `json:"maximum"`
	Description string           `json:"description"`
}

const settingsIntro = `Settings stand in ` + "`config.yml`" + `, which is read from the current folder, from the user's configuration folder or from where ` + "`--config`" + `
or ` + "`TRIBUTARY_CONFIG`" + ` says; stronger than the file is the environment, and stronger than that are flags (` + "`--set KEY=VALUE`" + `). A value may be
` + "`${NAME}` or `${NAME|default}`" + ` from the environment, a secret ` + "`file:/path/to/it`" + `. Lengths of time are ` + "`30s`" + ` or a number of seconds. The names
that tools for Elasticsearch share are read as well, and are weaker than Tributary's own: ` + "`ELASTICSEARCH_URL`, `ELASTICSEARCH_API_KEY`, `ELASTICSEARCH_USERNAME`,\n`ELASTICSEARCH_PASSWORD`" + `.
Editors complete the file by [schemas/config.schema.json](../schemas/config.schema.json).
`

// settingsPage lists every setting, from the schema of config.yml, which is
// made from the structs that the file is read into.
func settingsPage() (string, error) {
	text, err := emit.SettingsSchema()
	if err != nil {
		return "", err
	}
	var root node
	if err := json.Unmarshal(text, &root); err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# Settings\n\n"+made+settingsIntro, "the structs of runtime/settings")
	section := "-"
	for _, key := range settings.Keys() {
		name, _, _ := strings.Cut(key, ".")
		n := root.find(key)
		if n == nil {
			return "", fmt.Errorf("the schema lacks the setting %s", key)
		}
		if name != section {
			section = name
			root.heading(&b, section)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | `%s` | %s |\n", key, n.kind(settings.IsSecret(key)), n.preset(), settings.EnvName(key), escape(n.Description))
	}
	b.WriteString("\n## An entry of connectors\n\n| member | kind | meaning |\n|---|---|---|\n")
	entry := root.follow(root.Properties["connectors"].Items)
	for _, name := range []string{"connector_id", "service_type", "api_key"} {
		member := entry.Properties[name]
		if member == nil || len(entry.Properties) != 3 {
			return "", fmt.Errorf("the members of connectors are not what this page lists")
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", name, member.kind(member.Ref != ""), escape(member.Description))
	}
	return b.String(), nil
}

// heading begins the table of a section, or of a setting without one.
func (n *node) heading(b *strings.Builder, section string) {
	about := ""
	if part := n.find(section); part.Ref != "" {
		about = escape(part.Description) + "\n\n"
	}
	fmt.Fprintf(b, "\n## %s\n\n%s| key | kind | default | environment | meaning |\n|---|---|---|---|---|\n", section, about)
}

// find returns the node of a key, or nil.
func (n *node) find(key string) *node {
	at := n
	for word := range strings.SplitSeq(key, ".") {
		if at = n.follow(at).Properties[word]; at == nil {
			return nil
		}
	}
	return at
}

func (n *node) follow(at *node) *node {
	if name, ok := strings.CutPrefix(at.Ref, "#/$defs/"); ok {
		return n.Defs[name]
	}
	return at
}

func (n *node) kind(secret bool) string {
	switch {
	case secret:
		return "secret text"
	case len(n.Enum) > 0:
		var values []string
		for _, v := range n.Enum {
			values = append(values, fmt.Sprintf("`%v`", v))
		}
		return strings.Join(values, ", ")
	case len(n.AnyOf) > 0:
		return "length of time"
	}
	kind := map[string]string{
		"string": "text", "integer": "whole number", "number": "number", "boolean": "`true` or `false`",
		"array": "list", "object": "names with texts",
	}[n.Type]
	if n.Minimum != nil {
		kind += fmt.Sprintf(", %v or more", *n.Minimum)
	}
	if n.Maximum != nil {
		kind += fmt.Sprintf(", at most %v", *n.Maximum)
	}
	return kind
}

func (n *node) preset() string {
	if n.Default == nil || slices.Contains([]any{"", nil}, n.Default) {
		return ""
	}
	text, _ := json.Marshal(n.Default)
	return "`" + strings.Trim(string(text), `"`) + "`"
}
