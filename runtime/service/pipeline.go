package service

import (
	"context"
	"errors"

	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/protocol"
)

// pipeline is the job's ingest pipeline. Every connector has the default one
// until a person chooses another; a cluster that lacks it does without.
func (w *work) pipeline(ctx context.Context, client *elastic.Client) string {
	name := w.job.Pipeline.Name
	if name != protocol.DefaultPipeline().Name {
		return name
	}
	if _, _, err := client.Pipeline(ctx, name); errors.Is(err, elastic.ErrNoPipeline) {
		w.log.Debug("there is no default pipeline; documents go without one", "pipeline", name)
		return ""
	}
	return name
}
