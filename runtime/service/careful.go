package service

import (
	"context"
	"log/slog"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/extract"
)

// careful is an extractor to which an attachment whose code panics is one that
// can't be read: it is read in a goroutine of its own, where a panic would end
// the process.
type careful struct {
	*extract.Extractor
	log *slog.Logger
}

// Extract reads the content.
func (c careful) Extract(ctx context.Context, a *connector.Attachment, dst []byte) (field string, content []byte, err error) {
	content = dst
	err = guarded(c.log, connector.Kind{}, func() (err error) {
		field, content, err = c.Extractor.Extract(ctx, a, dst)
		return err
	})
	return field, content, err
}
