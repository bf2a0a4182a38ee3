package indextest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/tributary-search/tributary/runtime/connector"
)

// able is what the sources that are disturbed can do.
type able interface {
	connector.Source
	connector.ChangeDetector
	connector.Incremental
	connector.ConfigValidator
	connector.AdvancedRulesValidators
}

// Disturb makes a kind of sources to whose system something happens: it is
// called with the number of each document and of each change of a run before
// that is handed on.
func Disturb(kind connector.Kind, happens func(n int)) connector.Kind {
	open := kind.Open
	kind.Open = func(ctx context.Context, raw json.RawMessage, deps connector.Deps) (connector.Source, error) {
		opened, err := open(ctx, raw, deps)
		if err != nil {
			return nil, err
		}
		source, ok := opened.(able)
		if !ok {
			return nil, fmt.Errorf("%T can't do what is wrapped here", opened)
		}
		if typed, ok := opened.(connector.FieldTyper); ok {
			return typing{disturbed{source, happens}, typed}, nil
		}
		return disturbed{source, happens}, nil
	}
	return kind
}

type disturbed struct {
	able
	happens func(n int)
}

// Close closes a source that can be closed.
func (d disturbed) Close() error {
	if c, ok := d.able.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// typing is a disturbed source that knows the types of its fields.
type typing struct {
	disturbed
	connector.FieldTyper
}

// GetDocs counts the documents.
func (d disturbed) GetDocs(ctx context.Context, filter connector.Filter, emit func(connector.Document) error) error {
	n := 0
	return d.able.GetDocs(ctx, filter, func(doc connector.Document) error {
		n++
		d.happens(n)
		return emit(doc)
	})
}

// Changes counts the changes.
func (d disturbed) Changes(ctx context.Context, since connector.Cursor, filter connector.Filter, emit func(connector.Change) error) (connector.Cursor, error) {
	n := 0
	return d.able.Changes(ctx, since, filter, func(c connector.Change) error {
		n++
		d.happens(n)
		return emit(c)
	})
}
