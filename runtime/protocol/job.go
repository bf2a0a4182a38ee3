package protocol

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/rules"
)

// Job is a sync job document. What is missing or malformed in the document is
// zero here and stays in it as it is.
type Job struct {
	ID      string
	Version Version
	// Raw is the document as it is stored, or the part that was asked for.
	Raw json.RawMessage

	// ConnectorID, ServiceType, IndexName and the raw parts are what the
	// connector was when the job was made. IndexName of an access control job
	// is the index of the identities.
	ConnectorID, ServiceType, IndexName, Language string
	// Configuration, Filtering (one filter) and SyncCursor are as stored; nil
	// where nothing is.
	Configuration, Filtering, SyncCursor, Metadata json.RawMessage
	Pipeline                                       Pipeline

	Type    JobType
	Trigger Trigger
	Status  job.Status
	// Error is why the status is error.
	Error string

	CreatedAt, StartedAt, LastSeen, CompletedAt, CanceledAt, CancelationRequestedAt time.Time
	// Indexed, Deleted and Total count documents; VolumeMiB is MiB.
	Indexed, Deleted, Total, VolumeMiB int64
	WorkerHostname                     string

	// Claim tells the run of one worker from those of others; empty where no
	// Tributary runs the job.
	Claim string
	// Lease is how long its worker may stay silent, at most an hour; 0 where it
	// does not say.
	Lease time.Duration
	// Requeued is how often the job was taken from a worker that fell silent.
	Requeued int
	// AllowDeletes says that a user wants this job to delete however much is
	// gone from the source.
	AllowDeletes bool

	// partial says that Raw is not the whole document.
	partial bool
}

// ParseJob reads a document of any of the shapes in use. The only error is a
// text that is no JSON object.
func ParseJob(id string, v Version, raw []byte) (Job, error) {
	o, err := parseObject(raw)
	if err != nil {
		return Job{}, fmt.Errorf("sync job %s: the document is %w", id, err)
	}
	c := o.object("connector")
	own := o.object("metadata").object("tributary")
	j := Job{
		ID: id, Version: v, Raw: raw,
		ConnectorID: c.text("id"), ServiceType: c.text("service_type"),
		IndexName: c.text("index_name"), Language: c.text("language"),
		Configuration: c.get("configuration"), Filtering: oneFilter(c.get("filtering")),
		SyncCursor: c.get("sync_cursor"), Metadata: o.get("metadata"), Pipeline: parsePipeline(c.get("pipeline")),
		Type: JobType(o.text("job_type")), Trigger: Trigger(o.text("trigger_method")),
		Status: job.Status(o.text("status")), Error: o.text("error"),
		CreatedAt: o.time("created_at"), StartedAt: o.time("started_at"), LastSeen: o.time("last_seen"),
		CompletedAt: o.time("completed_at"), CanceledAt: o.time("canceled_at"),
		CancelationRequestedAt: o.time("cancelation_requested_at"),
		Indexed:                o.number("indexed_document_count"), Deleted: o.number("deleted_document_count"),
		Total: o.number("total_document_count"), VolumeMiB: o.number("indexed_document_volume"),
		WorkerHostname: o.text("worker_hostname"),
		Claim:          own.text("claim"), Lease: min(time.Hour, max(0, time.Duration(own.number("lease_ms"))*time.Millisecond)), Requeued: int(own.number("requeued")), AllowDeletes: own.truth("allow_deletes"),
	}
	if dotted := o.get("connector.sync_cursor"); j.SyncCursor == nil {
		j.SyncCursor = dotted // a claim of Elastic's service writes it so
	}
	if j.Type == "" {
		j.Type = Full
	}
	return j, nil
}

// Filter is the job's sync rules.
func (j Job) Filter() rules.Filter { return rules.ParseFilter(j.Filtering) }

// oneFilter returns the filter out of a list of them, or of domains.
func oneFilter(raw json.RawMessage) json.RawMessage {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return raw
	}
	if active := activeFilter(raw); active != nil {
		return active
	}
	for _, item := range list {
		if o, err := parseObject(item); err == nil && o.get("rules") != nil {
			return item
		}
	}
	return nil
}
