package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/schema"
)

// maxStored is the largest stored configuration that is read, in bytes.
const maxStored = 4 << 20

// candidate is a configuration to be checked.
type candidate struct {
	raw      json.RawMessage
	problems connector.Problems
	outdated bool // preparing a stored one changes it
}

// candidate reads a stored configuration or, without a file, words.
func (a *app) candidate(kind connector.Kind, words []string, file string) (candidate, error) {
	if file == "" {
		raw, err := a.plainValues(kind, words)
		if err != nil {
			return candidate{}, err
		}
		return candidate{raw: raw, problems: kind.CheckConfig(raw)}, nil
	}
	text, err := a.readStored(file)
	if err != nil {
		return candidate{}, usagef("stored configuration: %w", err)
	}
	raw, serviceType := configurationIn(kind, text)
	if serviceType != "" && !kind.Is(serviceType) {
		a.warn("%s is a connector of the service type %q, checked as %s", file, serviceType, kind.ServiceType)
	}
	if !hasFields(raw) {
		return candidate{raw: raw, problems: kind.CheckConfig(raw)}, nil
	}
	c := candidate{}
	c.raw, c.problems = kind.Prepare(raw)
	if c.problems.Err() != nil {
		return c, nil
	}
	c.outdated = !bytes.Equal(c.raw, raw)
	c.problems = c.problems.And(kind.CheckConfig(c.raw))
	return c, nil
}

// readStored reads a file that is JSON, and holds no name twice in an object.
func (a *app) readStored(file string) ([]byte, error) {
	in := a.Stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, maxStored+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) > maxStored:
		return nil, fmt.Errorf("%s is larger than 4 MiB", file)
	case len(bytes.TrimSpace(text)) == 0:
		return nil, fmt.Errorf("%s is empty; it holds a connector, or its configuration", file)
	}
	for _, v := range schema.New("{}").Violations(text) {
		if v.Keyword == "syntax" || v.Keyword == "duplicate" {
			return nil, fmt.Errorf("%s:%d:%d: %s", file, v.Line, v.Column, v.Problem)
		}
	}
	return text, nil
}

// configurationIn returns the configuration in a connector's document, as the
// API or a search shows it, or in a sync job's; else the text itself.
func configurationIn(kind connector.Kind, text []byte) (raw json.RawMessage, serviceType string) {
	fields, err := richFields(kind)
	if _, isField := fields["configuration"]; isField || err != nil {
		return text, ""
	}
	doc := members(text)
	for _, wrapper := range []string{"_source", "connector"} {
		if inner := members(doc[wrapper]); inner["configuration"] != nil {
			doc = inner
		}
	}
	configuration, found := doc["configuration"]
	if !found {
		return text, ""
	}
	_ = json.Unmarshal(doc["service_type"], &serviceType) // null and absent are ""
	return configuration, serviceType
}

// members returns the members of an object; nil for anything else.
func members(text []byte) map[string]json.RawMessage {
	var doc map[string]json.RawMessage
	if json.Unmarshal(text, &doc) != nil {
		return nil
	}
	return doc
}

// hasFields tells a stored configuration, whose members are objects, from
// plain values. One without members is a stored one that is new.
func hasFields(raw json.RawMessage) bool {
	doc := members(raw)
	for _, value := range doc {
		if value[0] == '{' {
			return true
		}
	}
	return len(doc) == 0 && (string(raw) == "null" || bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")))
}
