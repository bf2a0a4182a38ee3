package service

import (
	"context"
	"errors"
	"fmt"

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

// flags are the fields by which a document tells its pipeline what to do with
// it.
func flags(pipeline string, p protocol.Pipeline) []byte {
	if pipeline == "" {
		return nil
	}
	return fmt.Appendf(nil, `"_extract_binary_content":%t,"_reduce_whitespace":%t,"_run_ml_inference":%t`,
		p.ExtractBinaryContent, p.ReduceWhitespace, p.RunMLInference)
}
