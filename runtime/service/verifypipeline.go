package service

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
)

// touched is what ingest pipelines may do to documents. It is read from their
// definitions and errs on the side of too much.
type touched struct {
	all   bool // any field may be made, changed or removed
	names map[string]bool
	drops bool // documents may be dropped
}

// touches reports whether a field may be made, changed or removed.
func (t *touched) touches(field string) bool {
	if t.all || t.names[field] {
		return true
	}
	for at, c := range field {
		if c == '.' && t.names[field[:at]] {
			return true
		}
	}
	return false
}

// touchedBy reads definitions as [elastic.Client.Pipeline] returns them: each a
// name and an object. What is none, such as the name alone, is one that could
// not be read.
func touchedBy(definition []byte) *touched {
	t := &touched{names: map[string]bool{}}
	dec := json.NewDecoder(bytes.NewReader(definition))
	for n := 0; ; n++ {
		var value any
		if err := dec.Decode(&value); err != nil {
			t.all = t.all || n == 0 || dec.InputOffset() < int64(len(bytes.TrimSpace(definition)))
			return t
		}
		if pipeline, ok := value.(map[string]any); ok {
			t.processors(pipeline["processors"])
			t.processors(pipeline["on_failure"])
		}
	}
}

// processors reads a list of processors.
func (t *touched) processors(list any) {
	elements, _ := list.([]any)
	for _, element := range elements {
		one, _ := element.(map[string]any)
		for kind, options := range one {
			t.processor(kind, options)
		}
	}
}

// makes is the field that a processor writes unless told otherwise.
func makes(kind string) string {
	switch kind {
	case "attachment", "user_agent", "geoip", "ip_location", "fingerprint":
		return kind
	case "inference":
		return "ml"
	case "community_id", "network_direction":
		return "network"
	case "uri_parts":
		return "url"
	case "date":
		return "@timestamp"
	}
	return ""
}

func (t *touched) processor(kind string, options any) {
	o, _ := options.(map[string]any)
	_, target := o["target_field"]
	if name := makes(kind); name != "" {
		t.names[name] = true
	}
	switch kind {
	case "drop", "reroute":
		t.drops = true
	case "json":
		t.all = t.all || o["add_to_root"] == true
	case "kv":
		t.all = t.all || !target
	case "remove":
		t.all = t.all || o["keep"] != nil
	case "script":
		source, _ := o["source"].(string)
		t.all = t.all || source == "" || reaches.MatchString(source)
		t.words(source)
	case "pipeline":
		name, _ := o["name"].(string)
		t.all = t.all || strings.Contains(name, "{{")
	}
	for key, value := range o {
		t.option(key, value)
	}
}

// reaches finds what a script does to fields that it does not name.
var reaches = regexp.MustCompile(`ctx\s*\[\s*[^'"\s]|keySet|entrySet|putAll|forEach|removeIf|\bclear\b|\bctx\s*[,);=]`)

// option reads an option of a processor: what is text in it may be the name of a
// field, unless it is known to be none.
func (t *touched) option(key string, value any) {
	switch key {
	case "description", "tag", "if", "value", "replacement", "separator", "lang", "source":
		return
	}
	switch v := value.(type) {
	case string:
		t.text(key, v)
	case []any:
		if key == "on_failure" || key == "processors" {
			t.processors(v)
			return
		}
		for _, element := range v {
			t.option(key, element)
		}
	case map[string]any:
		if key == "processor" { // of foreach
			t.processors([]any{v})
			return
		}
		for name, inner := range v {
			t.option(name, inner)
		}
	}
}

func (t *touched) text(key, text string) {
	switch {
	case key == "pattern" || key == "patterns" || key == "pattern_definitions":
		t.words(text)
	case strings.Contains(text, "{{") || text == "*":
		t.all = true
	}
	t.names[text] = true
	if first, _, dotted := strings.Cut(text, "."); dotted {
		t.names[first] = true
	}
}

var word = regexp.MustCompile(`[\pL\pN_@-]+`)

// words takes all words of a text for names of fields.
func (t *touched) words(text string) {
	for _, w := range word.FindAllString(text, -1) {
		t.names[w] = true
	}
}
