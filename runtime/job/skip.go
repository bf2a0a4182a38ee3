package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/tributary-search/tributary/runtime/connector"
)

// Due is a full sync that is due, and what is known of the one before.
type Due struct {
	Source connector.Source
	// Stored is the connector's sync_cursor.
	Stored json.RawMessage
	// Settings is the hash of today's settings: see [HashSettings].
	Settings string
	// Last is how the last sync of documents ended.
	Last Status
	// OnDemand says that a user asked for the sync: it is never skipped.
	OnDemand bool
	Owner    string
	Index    Index
}

// Skip reports whether the sync would find nothing to do, and says why or why
// not. When it can't tell for sure, the sync is not skipped. A source that is
// no [connector.ChangeDetector] costs no request.
func Skip(ctx context.Context, d Due) (skip bool, why string) {
	detector, ok := d.Source.(connector.ChangeDetector)
	stored, known := ParsePosition(d.Stored)
	switch {
	case !ok:
		return false, "the source can't tell whether anything changed"
	case d.OnDemand:
		return false, "a user asked for it"
	case !known || stored.Source == nil:
		return false, "no position of an earlier sync is stored"
	case d.Last != Completed:
		return false, "the last sync was not completed"
	case stored.Failed > 0:
		return false, fmt.Sprintf("%d documents failed in the last sync", stored.Failed)
	case stored.Settings != d.Settings:
		return false, "the settings have changed since the last sync"
	case stored.Documents == 0:
		// A source that showed nothing by mistake may be silent about it for
		// ever, and a sync of nothing costs nothing.
		return false, "the last sync found no documents"
	}
	if why := changed(ctx, detector, stored.Source); why != "" {
		return false, why
	}
	n, err := d.Index.Owned(ctx, d.Owner)
	switch {
	case err != nil:
		return false, "the documents in the index can't be counted: " + err.Error()
	case n != stored.Documents:
		return false, fmt.Sprintf("the index holds %d documents, after the last sync it held %d", n, stored.Documents)
	}
	return true, fmt.Sprintf("skipped: nothing has changed in the source since the last sync, and the index still holds its %d documents", n)
}

// changed asks the detector; an empty answer means that nothing changed.
func changed(ctx context.Context, detector connector.ChangeDetector, since connector.Cursor) string {
	switch yes, err := detector.Changed(ctx, since); {
	case errors.Is(err, connector.ErrPositionLost):
		return err.Error()
	case err != nil:
		return "the source can't say whether anything changed: " + err.Error()
	case yes:
		return "the source has changed"
	}
	return ""
}
