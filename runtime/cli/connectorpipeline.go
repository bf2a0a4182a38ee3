package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tributary-search/tributary/runtime/elastic"
	"github.com/tributary-search/tributary/runtime/protocol"
)

func (a *app) connectorPipelineCommand() *cobra.Command {
	flags := map[string]*bool{"extract_binary_content": new(bool), "reduce_whitespace": new(bool), "run_ml_inference": new(bool)}
	about := map[string]string{
		"extract_binary_content": "read the content of files", "reduce_whitespace": "let the pipeline squeeze spaces",
		"run_ml_inference": "let the pipeline run inference",
	}
	cmd := &cobra.Command{
		Use:     "pipeline CONNECTOR [NAME]",
		Short:   "Choose a connector's ingest pipeline and what it does",
		Example: "  tributary connector pipeline Documents my-pipeline --run-ml-inference=false",
		Args:    exactly("CONNECTOR", "[NAME]"),
	}
	for name, value := range flags {
		cmd.Flags().BoolVar(value, dashes(name), true, about[name])
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		change := map[string]any{}
		for name, value := range flags {
			if cmd.Flags().Changed(dashes(name)) {
				change[name] = *value
			}
		}
		if len(args) > 1 {
			change["name"] = args[1]
		}
		return a.atDesk(cmd.Context(), func(d *desk) error { return a.connectorPipeline(cmd.Context(), d, args[0], change) })
	}
	return cmd
}

func dashes(name string) string { return strings.ReplaceAll(name, "_", "-") }

// pipelineLine is the one line of `connector pipeline --json`.
type pipelineLine struct {
	Type string `json:"type"` // "pipeline"
	ID   string `json:"id"`
	pipelineDoc
}

func (a *app) connectorPipeline(ctx context.Context, d *desk, word string, change map[string]any) error {
	conn, err := d.connector(ctx, word)
	if err != nil {
		return err
	}
	if len(change) > 0 {
		conn, err = d.protocol.Update(ctx, conn, func(c protocol.Connector) (protocol.Patch, error) {
			all, err := protocol.Merge(members(c.Raw)["pipeline"], change)
			return protocol.Patch{"pipeline": all}, err
		})
		if err != nil {
			return err
		}
	}
	p := conn.Pipeline
	if _, _, err := d.Pipeline(ctx, p.Name); errors.Is(err, elastic.ErrNoPipeline) && p.Name != protocol.DefaultPipeline().Name {
		a.warn("there is no pipeline %s on %s; syncs fail until it is there", p.Name, d.name())
	}
	if a.json {
		return a.printJSON(pipelineLine{"pipeline", conn.ID, pipelineDoc(p)})
	}
	return a.print("connector %s: pipeline %s, content of files %s, spaces %s, inference %s\n", conn.ID, p.Name,
		onOff(p.ExtractBinaryContent), onOff(p.ReduceWhitespace), onOff(p.RunMLInference))
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
