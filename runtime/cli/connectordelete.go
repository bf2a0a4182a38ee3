package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tributary-search/tributary/runtime/protocol"
)

// deleteFlags are the flags of connector delete.
type deleteFlags struct{ yes, index bool }

func (a *app) connectorDeleteCommand() *cobra.Command {
	var f deleteFlags
	cmd := &cobra.Command{
		Use:   "delete CONNECTOR",
		Short: "Delete a connector and cancel its syncs",
		Long: "Marks a connector as deleted and cancels its sync jobs; a running service removes\n" +
			"them. The index stays unless --delete-index says otherwise.",
		Args: exactly("CONNECTOR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.atDesk(cmd.Context(), func(d *desk) error { return a.connectorDelete(cmd.Context(), d, args[0], f) })
		},
	}
	cmd.Flags().BoolVar(&f.yes, "yes", false, "do not ask")
	cmd.Flags().BoolVar(&f.index, "delete-index", false, "delete its index too, with all documents, and the index of identities")
	return cmd
}

// deletedLine is the one line of `connector delete --json`.
type deletedLine struct {
	Type     string   `json:"type"` // "deleted"
	ID       string   `json:"id"`
	Canceled []string `json:"canceled"` // ids of jobs
	Indices  []string `json:"deleted_indices"`
}

func (a *app) connectorDelete(ctx context.Context, d *desk, word string, f deleteFlags) error {
	conn, err := d.connector(ctx, word)
	if err != nil {
		return err
	}
	what := "its index " + conn.IndexName + " stays"
	if f.index {
		what = "with its index " + conn.IndexName + " and every document in it"
	}
	if err := a.confirm(f.yes, "Delete connector %s (%s)?", called(conn), what); err != nil {
		return err
	}
	if err := d.protocol.DeleteConnector(ctx, conn.ID); err != nil {
		return err
	}
	line := deletedLine{Type: "deleted", ID: conn.ID, Canceled: []string{}, Indices: []string{}}
	if line.Canceled, err = d.cancelJobs(ctx, conn.ID); err == nil && f.index {
		line.Indices, err = d.deleteIndices(ctx, conn, line.Canceled)
	}
	if err != nil {
		return fmt.Errorf("connector %s is deleted, but: %w", conn.ID, err)
	}
	if a.json {
		return a.printJSON(line)
	}
	text := "connector " + conn.ID + " is deleted"
	if n := len(line.Canceled); n > 0 {
		text += "; canceled " + counted(int64(n), "job")
	}
	if len(line.Indices) > 0 {
		text += "; deleted " + strings.Join(line.Indices, " and ")
	}
	return a.print("%s\n", text)
}

// cancelJobs asks every job of a connector to stop.
func (d *desk) cancelJobs(ctx context.Context, id string) ([]string, error) {
	canceled := []string{}
	jobs, err := d.protocol.LiveJobs(ctx, protocol.Selection{All: true}, []string{id})
	if err != nil {
		return canceled, err
	}
	for _, j := range jobs {
		_, err := d.protocol.CancelJob(ctx, j.ID)
		if errors.Is(err, protocol.ErrNotFound) || errors.Is(err, protocol.ErrTransition) {
			continue // it is gone, or ended by itself
		}
		if err != nil {
			return canceled, err
		}
		canceled = append(canceled, j.ID)
	}
	return canceled, nil
}

// stopTime is how long a running job has for its end.
const stopTime = 30 * time.Second

// deleteIndices deletes the indices of a connector once its jobs are over: a
// running one would make them anew.
func (d *desk) deleteIndices(ctx context.Context, conn protocol.Connector, jobs []string) ([]string, error) {
	gone := []string{}
	if conn.IndexName == "" {
		return gone, nil
	}
	deadline := time.Now().Add(stopTime)
	for _, id := range jobs {
		if err := d.awaitEnd(ctx, id, deadline); err != nil {
			return gone, fmt.Errorf("index %s is left: %w", conn.IndexName, err)
		}
	}
	for _, name := range []string{conn.IndexName, protocol.AccessPrefix + conn.IndexName} {
		there, err := d.Index(name).Exists(ctx)
		if err == nil && there {
			err = d.Index(name).Delete(ctx)
			gone = append(gone, name)
		}
		if err != nil {
			return gone, fmt.Errorf("delete index %s: %w", name, err)
		}
	}
	return gone, nil
}

func (d *desk) awaitEnd(ctx context.Context, id string, deadline time.Time) error {
	for {
		j, err := d.protocol.Job(ctx, id)
		switch {
		case errors.Is(err, protocol.ErrNotFound), err == nil && j.Ended():
			return nil
		case err != nil:
			return err
		case time.Now().After(deadline):
			return fmt.Errorf("sync job %s has not stopped within %s; delete the index when it has", id, stopTime)
		}
		if err := pause(ctx, watchEvery); err != nil {
			return err
		}
	}
}

// pause waits, or returns why not.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}
