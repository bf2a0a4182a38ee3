package protocol

import (
	"fmt"
	"slices"

	"github.com/tributary-search/tributary/runtime/job"
)

// Transition is one change of status that a document may go through.
type Transition[S ~string] struct {
	From S
	// Event is what happens, in a few words.
	Event string
	To    S
	// Who writes it: "service", "user" or both.
	Who string
}

const (
	service = "service"
	user    = "user"
	either  = "user or service"
)

var connectorTable = [...]Transition[ConnectorStatus]{
	{"", "is made for a service of one's own", Created, user},
	{"", "is made by Kibana, with fields", NeedsConfiguration, user},
	{Created, "a service that knows the type writes the fields", NeedsConfiguration, service},
	{Created, "a check fails", Errored, service},
	{NeedsConfiguration, "values are saved", Configured, user},
	{NeedsConfiguration, "a check fails", Errored, service},
	{Configured, "the fields are lost and written again", NeedsConfiguration, service},
	{Configured, "the source answers", Connected, service},
	{Configured, "a check or a job fails", Errored, service},
	{Connected, "values are saved", Configured, user},
	{Connected, "a check or a job fails", Errored, service},
	{Errored, "values are saved", Configured, user},
	{Errored, "the source answers, or a job starts or ends well", Connected, service},
}

var jobTable = [...]Transition[job.Status]{
	{"", "is made", job.Pending, either},
	{job.Pending, "is claimed", job.InProgress, service},
	{job.Pending, "is canceled", job.Canceled, user},
	{job.InProgress, "everything is read and written", job.Completed, service},
	{job.InProgress, "fails", job.Failed, service},
	{job.InProgress, "its worker shuts down or falls silent", job.Suspended, service},
	{job.InProgress, "is to be canceled", job.Canceling, user},
	{job.Suspended, "is claimed again", job.InProgress, service},
	{job.Suspended, "is canceled", job.Canceled, user},
	{job.Canceling, "its worker has stopped or is silent", job.Canceled, service},
	{job.Canceling, "fails", job.Failed, service},
}

// ConnectorTransitions is every change of a connector's status, in the order
// of its life.
func ConnectorTransitions() []Transition[ConnectorStatus] { return slices.Clone(connectorTable[:]) }

// JobTransitions is every change of a job's status, in the order of its life.
func JobTransitions() []Transition[job.Status] { return slices.Clone(jobTable[:]) }

// allowed reports whether a table leads from one status to another. Staying is
// always allowed.
func allowed[S ~string](table []Transition[S], from, to S) bool {
	return from == to || slices.ContainsFunc(table, func(t Transition[S]) bool { return t.From == from && t.To == to })
}

func checkConnector(id string, from, to ConnectorStatus) error {
	if from == "" {
		from = Created
	}
	if allowed(connectorTable[:], from, to) {
		return nil
	}
	return fmt.Errorf("connector %s: %w: it is %q and can't become %q", id, ErrTransition, from, to)
}

func checkJob(id string, from, to job.Status) error {
	if allowed(jobTable[:], from, to) {
		return nil
	}
	return fmt.Errorf("sync job %s: %w: it is %q and can't become %q", id, ErrTransition, from, to)
}
