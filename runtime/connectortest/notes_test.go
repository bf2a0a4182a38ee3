package connectortest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
)

// notes is a small source that does everything right. It makes its documents
// up: its configuration says how many there are.
type notes struct {
	cfg  config
	deps connector.Deps
}

func openNotes(_ context.Context, cfg config, deps connector.Deps) (*notes, error) {
	return &notes{cfg: cfg, deps: deps}, nil
}

func (n *notes) Ping(ctx context.Context) error { return ctx.Err() }

func (n *notes) GetDocs(ctx context.Context, _ connector.Filter, emit func(connector.Document) error) error {
	n.deps.Log.Info("reading", "notebook", n.cfg.notebook, "token", n.cfg.token)
	for i := range n.cfg.count {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("read notebook %s: %w", n.cfg.notebook, context.Cause(ctx))
		}
		if err := emit(n.note(i)); err != nil {
			return fmt.Errorf("read notebook %s: %w", n.cfg.notebook, err)
		}
	}
	return nil
}

func (n *notes) note(i int64) connector.Document {
	d := connector.NewDocument(fmt.Sprintf("%s/%d", n.cfg.notebook, i))
	d.UpdatedAt = time.Unix(i, 0)
	d.Set("title", fmt.Sprintf("note %d", i))
	d.Set("number", i)
	if n.cfg.secured {
		d.Access = []string{"user:ann"}
	}
	content := fmt.Sprintf("the text of note %d", i)
	d.Attachment = &connector.Attachment{
		Name: "note.txt",
		Size: int64(len(content)),
		Open: func(context.Context) (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader(content)), nil
		},
	}
	return d
}

// Identities is the one user who may read notes, and one who may not.
func (n *notes) Identities(_ context.Context, emit func(connector.Document) error) error {
	for _, name := range []string{"ann", "ben"} {
		if err := emit(connector.NewIdentity(name, []string{"user:" + name})); err != nil {
			return err
		}
	}
	return nil
}

// Fields types the number.
func (n *notes) Fields(context.Context) (map[string]connector.FieldType, error) {
	return map[string]connector.FieldType{"number": connector.Long}, nil
}

// Position is how many notes there are.
func (n *notes) Position(context.Context) (connector.Cursor, error) {
	return json.Marshal(map[string]int64{"count": n.cfg.count})
}

// Changes emits the notes after a count.
func (n *notes) Changes(_ context.Context, since connector.Cursor, _ connector.Filter, emit func(connector.Change) error) (connector.Cursor, error) {
	var at struct{ Count *int64 }
	if json.Unmarshal(since, &at) != nil || at.Count == nil {
		return nil, connector.ErrPositionLost
	}
	for i := *at.Count; i < n.cfg.count; i++ {
		if err := emit(connector.Change{Document: n.note(i)}); err != nil {
			return nil, err
		}
	}
	return json.Marshal(map[string]int64{"count": n.cfg.count})
}

// Changed compares counts.
func (n *notes) Changed(_ context.Context, since connector.Cursor) (bool, error) {
	var at struct{ Count *int64 }
	if json.Unmarshal(since, &at) != nil || at.Count == nil {
		return true, nil
	}
	return *at.Count != n.cfg.count, nil
}

// notebook is the fixture of notes.
type notebook struct{}

func (notebook) Start(_ testing.TB, n int) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"notebook":"diary","count":%d,"token":"opensesame-41"}`, n))
}

// openAs is how a Kind opens a variant of notes.
func openAs(variant func(*notes) connector.Source) func(context.Context, json.RawMessage, connector.Deps) (connector.Source, error) {
	return func(ctx context.Context, raw json.RawMessage, deps connector.Deps) (connector.Source, error) {
		cfg, problems := decodeConfig(raw)
		if err := problems.Err(); err != nil {
			return nil, err
		}
		n, err := openNotes(ctx, cfg, deps)
		if err != nil {
			return nil, err
		}
		return variant(n), nil
	}
}

func notesKind() connector.Kind {
	return connector.Kind{
		ServiceType: "notes",
		Name:        "Notes",
		About:       "The notes of a notebook.",
		Abilities: []connector.Ability{
			connector.AbilityChanges, connector.AbilityIncremental, connector.AbilityFieldTypes, connector.AbilityAccessControl,
		},
		ConfigSchema:  json.RawMessage(notesSchema),
		Configuration: notesFields.Document(),
		CheckConfig:   notesFields.Check,
		Prepare:       notesFields.Prepare,
		SetValues:     notesFields.SetValues,
		Identity: func(raw json.RawMessage) ([]string, connector.Problems) {
			return notesFields.Identity(raw, "notebook")
		},
		Open: openAs(func(n *notes) connector.Source { return n }),
	}
}
