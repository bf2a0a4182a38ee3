package protocol

import (
	"context"
	"errors"
	"net/http"

	"github.com/tributary-search/tributary/runtime/job"
)

// The names through which the documents are read and written, and the start of
// the names of indices for identities.
const (
	ConnectorsIndex = ".elastic-connectors"
	JobsIndex       = ".elastic-connectors-sync-jobs"
	AccessPrefix    = ".search-acl-filter-"
)

// Store keeps the documents. Its errors carry interface{ HTTPStatus() int }
// where Elasticsearch answered: 404 is "not there", 409 "another version".
type Store interface {
	// Get reads the newest version of a document.
	Get(ctx context.Context, index, id string) (source []byte, seqNo, primaryTerm int64, err error)
	// Search calls visit for every hit and returns how many documents match.
	// An absent index has none.
	Search(ctx context.Context, index string, body []byte,
		visit func(id string, source []byte, seqNo, primaryTerm int64) error) (total int64, err error)
	// Create stores a document under an id that is free; under a new one when
	// id is empty. Searches see it when Create returns.
	Create(ctx context.Context, index, id string, source []byte) (newID string, seqNo, primaryTerm int64, err error)
	// Replace stores a document in the place of the given version. Searches
	// see it when Replace returns, or soon where refresh is false. A 409 may
	// also mean that an earlier attempt of the same call was done and its
	// answer lost.
	Replace(ctx context.Context, index, id string, source []byte, seqNo, primaryTerm int64, refresh bool) (newSeqNo, newPrimaryTerm int64, err error)
	// Touch merges doc into many documents, whatever their version, in one
	// request. Searches see it when the index is refreshed next.
	Touch(ctx context.Context, index string, ids []string, doc []byte) (missing []string, err error)
	// Delete removes a version of a document; any when seqNo is negative.
	Delete(ctx context.Context, index, id string, seqNo, primaryTerm int64) error
	// Ensure makes the two indices with their aliases where they are missing.
	Ensure(ctx context.Context) error
}

// Version tells one state of a document from the others.
type Version struct{ SeqNo, PrimaryTerm int64 }

var (
	// ErrNotFound says that a connector or job is not there.
	ErrNotFound = errors.New("not found")
	// ErrTaken says that somebody else was faster: the job was claimed, or the
	// connector is busy with another one, or what was to be repaired moves.
	ErrTaken = errors.New("taken by another worker")
	// ErrNotReady says that a connector can't sync yet: it waits for its
	// configuration.
	ErrNotReady = errors.New("the connector is not configured yet")
	// ErrExists says that an id or the name of an index is in use.
	ErrExists = errors.New("in use")
	// ErrTransition says that a document may not go from its status to the one
	// that was to be written.
	ErrTransition = errors.New("no legal change of status")
)

// status is the HTTP status that an error carries, or 0.
func status(err error) int {
	var answered interface{ HTTPStatus() int }
	if errors.As(err, &answered) {
		return answered.HTTPStatus()
	}
	return 0
}

func missing(err error) bool  { return status(err) == http.StatusNotFound }
func conflict(err error) bool { return status(err) == http.StatusConflict }

// JobType is what a sync job syncs.
type JobType string

// The types of sync jobs.
const (
	Full          JobType = "full"
	Incremental   JobType = "incremental"
	AccessControl JobType = "access_control"
)

// JobTypes is all types.
func JobTypes() []JobType { return []JobType{Full, Incremental, AccessControl} }

// Content reports whether a job writes documents, and not identities.
func (t JobType) Content() bool { return t != AccessControl }

// Trigger is what a job was made by.
type Trigger string

// The triggers.
const (
	OnDemand  Trigger = "on_demand"
	Scheduled Trigger = "scheduled"
)

// ConnectorStatus is where a connector stands.
type ConnectorStatus string

// The statuses of a connector. A document without one counts as created.
const (
	Created            ConnectorStatus = "created"
	NeedsConfiguration ConnectorStatus = "needs_configuration"
	Configured         ConnectorStatus = "configured"
	Connected          ConnectorStatus = "connected"
	Errored            ConnectorStatus = "error"
)

// ended reports whether a job has come to its end.
func ended(s job.Status) bool {
	return s == job.Completed || s == job.Failed || s == job.Canceled
}

// Ended reports whether a job has come to its end. A suspended one has not.
func (j Job) Ended() bool { return ended(j.Status) }
