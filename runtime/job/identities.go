package job

import (
	"context"

	"github.com/tributary-search/tributary/runtime/connector"
)

// Identities is the identities of a source as a source of documents: a [Sync]
// of it makes an index equal to them. They are not read by the rules of a
// connector, and [Options.Access] does not apply to them. Identities that are
// gone must not stay, so allow the deletes of such a run.
func Identities(a connector.AccessController) connector.Source { return identities{a} }

type identities struct{ connector.AccessController }

// Ping does nothing: the source is asked for its identities right after.
func (identities) Ping(context.Context) error { return nil }

// GetDocs emits the identities. Rules for documents say nothing about them.
func (i identities) GetDocs(ctx context.Context, _ connector.Filter, emit func(connector.Document) error) error {
	return i.Identities(ctx, emit)
}
