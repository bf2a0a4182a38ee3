// Package paper is a source for trials with real processes: documents that are
// made up, and a journal on disk of what became of others, which is a history
// to sync incrementally by.
package paper

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
)

// ServiceType names the source.
const ServiceType = "paper"

// Config is how much there is to read.
type Config struct {
	Journal   string        // path; empty: none
	Documents int           // that are made up, of half a kilobyte each
	Large     int           // bytes of one more document; 0: none
	Pause     time.Duration // before each document that is read from the journal
}

// Values are the configuration as a connector stores it.
func (c Config) Values() json.RawMessage {
	field := func(v any) map[string]any { return map[string]any{"value": fmt.Sprint(v)} }
	raw, _ := json.Marshal(map[string]any{ // texts can be encoded
		"journal": field(c.Journal), "documents": field(c.Documents), "large": field(c.Large), "pause": field(c.Pause),
	})
	return raw
}

// Kind describes the source to the program.
func Kind() connector.Kind {
	return connector.Kind{
		ServiceType: ServiceType, Name: "Paper", About: "A journal, for trials.", Abilities: []connector.Ability{connector.AbilityIncremental},
		ConfigSchema: json.RawMessage(`{"type":"object"}`), Configuration: Config{}.Values(),
		CheckConfig: func(json.RawMessage) connector.Problems { return nil },
		Prepare: func(stored json.RawMessage) (json.RawMessage, connector.Problems) {
			if len(stored) <= len("{}") {
				return Config{}.Values(), nil
			}
			return stored, nil
		},
		Identity: func(raw json.RawMessage) ([]string, connector.Problems) { return []string{string(raw)}, nil },
		Open: func(_ context.Context, raw json.RawMessage, _ connector.Deps) (connector.Source, error) {
			c, err := parse(raw)
			return &source{c}, err
		},
	}
}

func parse(raw json.RawMessage) (c Config, err error) {
	var fields map[string]struct{ Value string }
	if err = json.Unmarshal(raw, &fields); err != nil {
		return c, fmt.Errorf("configuration of paper: %w", err)
	}
	c.Journal = fields["journal"].Value
	if c.Documents, err = strconv.Atoi(fields["documents"].Value); err != nil {
		return c, fmt.Errorf("documents: %w", err)
	}
	if c.Large, err = strconv.Atoi(fields["large"].Value); err != nil {
		return c, fmt.Errorf("large: %w", err)
	}
	c.Pause, err = time.ParseDuration(fields["pause"].Value)
	return c, err
}

// source reads what a Config says.
type source struct{ Config }

func (s *source) Ping(context.Context) error { return nil }

// GetDocs emits the documents that are made up, and then those of the journal.
func (s *source) GetDocs(ctx context.Context, _ connector.Filter, emit func(connector.Document) error) error {
	for i := range s.Documents {
		if err := emit(MadeUp(i)); err != nil {
			return err
		}
	}
	if s.Large > 0 {
		if err := emit(large(s.Large)); err != nil {
			return err
		}
	}
	entries, _, err := Read(s.Journal, 0)
	if err != nil {
		return err
	}
	last := map[string]int{}
	for i, e := range entries {
		last[e.ID] = i
	}
	for i, e := range entries {
		if last[e.ID] != i || e.Deleted {
			continue
		}
		if err := s.wait(ctx); err != nil {
			return err
		}
		if err := emit(e.document()); err != nil {
			return err
		}
	}
	return nil
}

// large is a document of so many bytes, encoded as it is read, with room for what
// the runtime adds.
func large(size int) connector.Document {
	d := connector.NewDocument("large")
	d.SetFunc("text", func(dst []byte) ([]byte, error) {
		dst = append(slices.Grow(dst, size+4<<10), '"')
		for range size / len(filler) {
			dst = append(dst, filler...)
		}
		return append(dst, '"'), nil
	})
	return d
}

// MadeUp is a document that is not in the journal.
func MadeUp(i int) connector.Document {
	d := connector.NewDocument(fmt.Sprintf("made-up-%08d", i))
	d.Set("number", i)
	d.Set("text", fmt.Sprintf("Document %d. %s", i, filler))
	return d
}

// filler is 410 bytes.
var filler = strings.Repeat("Forty characters to fill some documents. ", 10)

func (s *source) wait(ctx context.Context) error {
	if s.Pause == 0 {
		return context.Cause(ctx)
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(s.Pause):
		return nil
	}
}

// position is how many bytes of the journal were read.
type position struct{ Offset int64 }

func (p position) cursor() connector.Cursor {
	raw, _ := json.Marshal(p) // a number can be encoded
	return raw
}

// Position is the end of the journal.
func (s *source) Position(context.Context) (connector.Cursor, error) {
	_, end, err := Read(s.Journal, 0)
	return position{end}.cursor(), err
}

// Changes emits the entries after a position.
func (s *source) Changes(ctx context.Context, since connector.Cursor, _ connector.Filter, emit func(connector.Change) error) (connector.Cursor, error) {
	var p position
	if err := json.Unmarshal(since, &p); err != nil {
		return nil, fmt.Errorf("%w: %s", connector.ErrPositionLost, since)
	}
	entries, _, err := Read(s.Journal, p.Offset)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if err := s.wait(ctx); err != nil {
			return nil, err
		}
		p.Offset = e.end
		if err := emit(connector.Change{Document: e.document(), Deleted: e.Deleted, Cursor: p.cursor()}); err != nil {
			return nil, err
		}
	}
	return p.cursor(), nil
}
