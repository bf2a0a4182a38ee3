package elastic

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// guard watches that a writer's index stays the same one. Elasticsearch
// creates an index that is written to and not there, with mappings it guesses,
// and bulk requests have no way to forbid that but for aliases
// (require_alias). So the index must be there before the first request, and
// Flush fails if it is another one by then: it was deleted and came back, or
// the alias moved.
type guard struct {
	turn   chan struct{} // holds a value while one flusher asks
	opened bool
	uuid   string // empty when the server does not say
	query  string
}

// open looks at the index before the first request and returns the query of
// bulk requests.
func (g *guard) open(ctx context.Context, b *Bulk) (query string, err error) {
	select {
	case g.turn <- struct{}{}:
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	defer func() { <-g.turn }()
	if g.opened {
		return g.query, nil
	}
	g.query = bulkFilter
	if b.options.Pipeline != "" {
		g.query += "&pipeline=" + url.QueryEscape(b.options.Pipeline)
	}
	t, err := b.client.resolve(ctx, b.index, identityFilter)
	switch {
	case isStatus(err, http.StatusForbidden): // may not look, may write
	case err != nil:
		return "", fmt.Errorf("write to index %s: %w", b.index, err)
	case t == nil:
		return "", fmt.Errorf("write to index %s: it does not exist", b.index)
	default:
		g.uuid = t.uuid
		if t.alias {
			g.query += "&require_alias=true"
		}
	}
	g.opened = true
	return g.query, nil
}

var errMoved = errors.New("it was deleted and created again, or its alias moved, during the sync; run the sync again")

// check reports an index that is no longer the one that open saw.
func (g *guard) check(ctx context.Context, b *Bulk) error {
	select {
	case g.turn <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-g.turn }()
	if g.uuid == "" {
		return nil
	}
	t, err := b.client.resolve(ctx, b.index, identityFilter)
	switch {
	case err == nil && t == nil:
		err = errors.New("it was deleted during the sync; run the sync again")
	case err == nil && t.uuid != g.uuid:
		err = errMoved
	}
	if err != nil {
		return fmt.Errorf("write to index %s: %w", b.index, err)
	}
	return nil
}
