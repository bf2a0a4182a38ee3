package elastic

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// guard watches that a writer's index stays the same one. Elasticsearch
// creates an index that is written to and not there, with mappings it guesses,
// and bulk requests have no way to forbid that but for aliases
// (require_alias). So the index must be there before the first request and be
// the one that was scanned; once a second, and at every Flush, it must be the
// same one still: else it was deleted, or came back, or the alias moved. Until
// the next look, requests may bring a deleted index back.
type guard struct {
	turn   chan struct{} // holds a value while one flusher asks
	opened bool
	looked time.Time
	uuid   string // empty when the server does not say
	query  string
}

// lookEvery is how long a look at the index is good for.
const lookEvery = time.Second

// open looks at the index before a request, unless it did so a moment ago, and
// returns the query of bulk requests.
func (g *guard) open(ctx context.Context, b *Bulk) (query string, err error) {
	select {
	case g.turn <- struct{}{}:
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	defer func() { <-g.turn }()
	switch {
	case g.opened && time.Since(g.looked) < lookEvery:
		return g.query, nil
	case g.opened:
		if err := g.look(ctx, b); errors.Is(err, errGone) || errors.Is(err, errMoved) {
			return "", err
		}
		return g.query, nil // other trouble meets the request too, which may be sent again
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
	case t == nil && b.content.uuid.Load() != nil:
		return "", fmt.Errorf("write to index %s: %w", b.index, errGone)
	case t == nil:
		return "", fmt.Errorf("write to index %s: it does not exist", b.index)
	case b.content.moved(t):
		return "", fmt.Errorf("write to index %s: %w", b.index, errMoved)
	default:
		g.uuid = t.uuid
		if t.alias {
			g.query += "&require_alias=true"
		}
	}
	g.opened, g.looked = true, time.Now()
	return g.query, nil
}

var (
	errGone  = errors.New("it was deleted during the sync; run the sync again")
	errMoved = errors.New("it was deleted and created again, or its alias moved, during the sync; run the sync again")
)

// check reports an index that is no longer the one that open saw.
func (g *guard) check(ctx context.Context, b *Bulk) error {
	select {
	case g.turn <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-g.turn }()
	return g.look(ctx, b)
}

// look is check without taking the turn.
func (g *guard) look(ctx context.Context, b *Bulk) error {
	if g.uuid == "" {
		return nil
	}
	t, err := b.client.resolve(ctx, b.index, identityFilter)
	g.looked = time.Now()
	switch {
	case err == nil && t == nil:
		err = errGone
	case err == nil && t.uuid != g.uuid:
		err = errMoved
	}
	if err != nil {
		return fmt.Errorf("write to index %s: %w", b.index, err)
	}
	return nil
}
