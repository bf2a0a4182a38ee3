package secrets_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/schema"
)

// leaky is a source that says its configuration whenever it can. What it does
// is the field "does".
type leaky struct {
	does, say string
	config    json.RawMessage
	deps      connector.Deps
}

// leaks are what a leaky source can do.
var leaks = []string{
	"open error", "open panic", "ping error", "ping panic", "validate error", "validate problems", "read error", "read panic",
	"read panic struct", "document error", "rejected document", "attachment error", "attachment panic", "close error", "log", "nothing",
}

func leakyKind() connector.Kind {
	fields := schema.NewFields([]schema.Field{
		{Name: "does", Label: "Does", Type: schema.String, Required: true},
		{Name: "address", Label: "Address", Type: schema.String},
		{Name: "token", Label: "Token", Type: schema.String, Secret: true},
	})
	return connector.Kind{
		ServiceType: "leaky", Name: "Leaky", About: "Says what it should not.",
		Abilities:    []connector.Ability{connector.AbilityConfigCheck},
		ConfigSchema: json.RawMessage(`{}`), Configuration: fields.Document(),
		CheckConfig: fields.Check, Prepare: fields.Prepare, SetValues: fields.SetValues,
		Identity: func(raw json.RawMessage) ([]string, connector.Problems) { return fields.Identity(raw, "does") },
		Open: func(_ context.Context, raw json.RawMessage, deps connector.Deps) (connector.Source, error) {
			values, problems := fields.Decode(raw)
			if err := problems.Err(); err != nil {
				return nil, err
			}
			s := &leaky{values.String("does"), values.String("address") + " with " + values.Secret("token").Reveal(), raw, deps}
			return s, s.at("open")
		},
	}
}

// at does what the source is to do at a place.
func (s *leaky) at(place string) error {
	switch s.does {
	case place + " error":
		return fmt.Errorf("no login at %s: %w (%s)", s.say, io.ErrUnexpectedEOF, s.config)
	case place + " panic":
		panic(fmt.Sprintf("nil pointer, config %s, %q", s.say, s.say))
	case place + " panic struct":
		panic(s)
	}
	return nil
}

// Ping is a place.
func (s *leaky) Ping(context.Context) error { return s.at("ping") }

// ValidateConfig is a place.
func (s *leaky) ValidateConfig(context.Context) error {
	if s.does == "validate problems" {
		return connector.Problems{{Pointer: "/token", Message: "the server does not like " + s.say}}
	}
	return s.at("validate")
}

// GetDocs is several places.
func (s *leaky) GetDocs(_ context.Context, _ connector.Filter, emit func(connector.Document) error) error {
	if s.does == "log" {
		for _, level := range []func(string, ...any){s.deps.Log.Debug, s.deps.Log.Info, s.deps.Log.Warn, s.deps.Log.Error} {
			level("connect to "+s.say, "dsn", s.say, "error", errors.New(s.say), "config", s.config, "source", s)
		}
	}
	d := connector.NewDocument("one")
	d.Set("text", "harmless")
	switch s.does {
	case "document error":
		d = connector.Document{ID: "two", Err: errors.New("can't read with " + s.say)}
	case "rejected document": // two types for one field
		d.Set("field", map[string]any{"a": 1})
		other := connector.NewDocument("three")
		other.Set("field", 5)
		if err := emit(other); err != nil {
			return err
		}
	case "attachment error", "attachment panic":
		d.Attachment = &connector.Attachment{Name: "a.txt", MediaType: "text/plain", Size: 5, Open: func(context.Context) (io.ReadCloser, error) {
			return nil, s.at("attachment")
		}}
	}
	return errors.Join(emit(d), s.at("read"))
}

// Close is a place.
func (s *leaky) Close() error { return s.at("close") }
