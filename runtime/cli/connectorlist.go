package cli

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/tributary-search/tributary/runtime/protocol"
)

func (a *app) connectorListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the connectors",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.atDesk(cmd.Context(), func(d *desk) error { return a.connectorList(cmd.Context(), d) })
		},
	}
}

// connectorLine is a connector in JSON.
type connectorLine struct {
	Type           string                           `json:"type"` // "connector"
	ID             string                           `json:"id"`
	Name           string                           `json:"name"`
	Description    string                           `json:"description"`
	ServiceType    string                           `json:"service_type"`
	Index          string                           `json:"index"`
	Native         bool                             `json:"native"`
	Status         string                           `json:"status"`
	Error          *string                          `json:"error"`
	LastSeen       *time.Time                       `json:"last_seen"`
	LastSynced     *time.Time                       `json:"last_synced"`
	LastSync       *string                          `json:"last_sync_status"`
	LastAccessSync *string                          `json:"last_access_control_sync_status"`
	Schedules      map[protocol.JobType]scheduleDoc `json:"schedules"`
	Pipeline       pipelineDoc                      `json:"pipeline"`
	Features       featuresDoc                      `json:"features"`
}

// scheduleDoc is when one type of sync is due.
type scheduleDoc struct {
	Enabled  bool   `json:"enabled"`
	Interval string `json:"interval"`
}

// pipelineDoc is an ingest pipeline and what it is asked to do.
type pipelineDoc struct {
	Name                 string `json:"name"`
	ExtractBinaryContent bool   `json:"extract_binary_content"`
	ReduceWhitespace     bool   `json:"reduce_whitespace"`
	RunMLInference       bool   `json:"run_ml_inference"`
}

// featuresDoc is what the connector uses.
type featuresDoc struct {
	BasicRules            bool `json:"basic_rules"`
	AdvancedRules         bool `json:"advanced_rules"`
	DocumentLevelSecurity bool `json:"document_level_security"`
	Incremental           bool `json:"incremental_sync"`
}

func (a *app) connectorLine(c protocol.Connector) connectorLine {
	line := connectorLine{
		Type: "connector", ID: c.ID, Name: c.Name, Description: c.Description, ServiceType: c.ServiceType, Index: c.IndexName, Native: c.Native,
		Status: string(status(c)), Error: orNull(c.Error), LastSeen: timeOrNull(c.LastSeen), LastSynced: timeOrNull(c.LastSynced),
		LastSync: orNull(string(c.LastSyncStatus)), LastAccessSync: orNull(string(c.LastAccessSyncStatus)),
		Schedules: map[protocol.JobType]scheduleDoc{}, Pipeline: pipelineDoc(c.Pipeline), Features: featuresDoc(c.Features),
	}
	for _, t := range protocol.JobTypes() {
		line.Schedules[t] = scheduleDoc(c.Scheduling[t])
	}
	return line
}

// status is where a connector stands; one without a status was just created.
func status(c protocol.Connector) protocol.ConnectorStatus { return cmp.Or(c.Status, protocol.Created) }

// timeOrNull is nil for no time.
func timeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (a *app) connectorList(ctx context.Context, d *desk) error {
	all, err := d.connectors(ctx)
	if err != nil {
		return err
	}
	if a.json {
		for _, c := range all {
			if err := a.printJSON(a.connectorLine(c)); err != nil {
				return err
			}
		}
		return nil
	}
	if len(all) == 0 {
		return a.print("there are no connectors on %s; tributary connector create makes one\n", d.name())
	}
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "ID\tNAME\tSOURCE\tINDEX\tSTATUS\tLAST SYNC")
	for _, c := range all {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", printable(c.ID), printable(cmp.Or(c.Name, "-")), cmp.Or(c.ServiceType, "-"),
			cmp.Or(c.IndexName, "-"), status(c), lastSync(c))
	}
	_ = table.Flush()
	return a.print("%s", b.String())
}

// lastSync is how the last sync of documents ended, and when.
func lastSync(c protocol.Connector) string {
	switch {
	case c.LastSyncStatus == "":
		return "never"
	case c.LastSynced.IsZero():
		return string(c.LastSyncStatus)
	}
	return string(c.LastSyncStatus) + " " + ago(c.LastSynced)
}

// ago is a moment of the past for people.
func ago(t time.Time) string {
	passed := time.Since(t)
	switch {
	case passed < time.Second:
		return "just now"
	case passed < 48*time.Hour:
		return elapsed(passed.Truncate(time.Second)) + " ago"
	}
	return t.Local().Format("2006-01-02 15:04")
}
