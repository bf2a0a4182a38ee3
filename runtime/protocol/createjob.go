package protocol

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/rules"
)

// JobOptions of a new job; all may be zero.
type JobOptions struct {
	ID           string // chosen by Elasticsearch when empty
	AllowDeletes bool   // see [Job]
}

// CreateJob stores a pending job for a connector as it is. The error is
// [ErrExists] when the id is in use.
func (c *Client) CreateJob(ctx context.Context, conn Connector, t JobType, tr Trigger, o JobOptions) (Job, error) {
	if err := syncable(conn); err != nil {
		return Job{}, err
	}
	raw := made(newJob(conn, t, tr, o, FormatTime(c.now())))
	id, seqNo, term, err := c.store.Create(ctx, JobsIndex, o.ID, raw)
	if conflict(err) {
		return Job{}, fmt.Errorf("sync job %s: the id is %w", o.ID, ErrExists)
	}
	if err != nil {
		return Job{}, fmt.Errorf("create a sync job of connector %s: %w", conn.ID, err)
	}
	return ParseJob(id, Version{seqNo, term}, raw)
}

// PlanJob is the job that CreateJob would make of a connector. It is not stored.
func (c *Client) PlanJob(conn Connector, t JobType, o JobOptions) (Job, error) {
	if err := syncable(conn); err != nil {
		return Job{}, err
	}
	return ParseJob(o.ID, Version{}, made(newJob(conn, t, OnDemand, o, FormatTime(c.now()))))
}

// syncable refuses a connector that no job can be made of.
func syncable(conn Connector) error {
	switch {
	case conn.Deleted:
		return fmt.Errorf("connector %s is deleted: %w", conn.ID, ErrNotFound)
	case conn.IndexName == "":
		return fmt.Errorf("connector %s has no index; attach one to it first", conn.ID)
	case conn.ServiceType == "":
		return fmt.Errorf("connector %s has no service type; set one first", conn.ID)
	}
	return nil
}

func newJob(conn Connector, t JobType, tr Trigger, o JobOptions, now string) Patch {
	index := conn.IndexName
	if !t.Content() {
		index = AccessPrefix + index
	}
	metadata := clause{}
	if o.AllowDeletes {
		metadata["tributary"] = clause{"allow_deletes": true}
	}
	return Patch{
		"connector": clause{
			"id": conn.ID, "filtering": snapshot(conn.Filtering), "index_name": index, "language": orNull(conn.Language),
			"pipeline": merge(conn.raw("pipeline"), made(conn.Pipeline.doc())), "service_type": conn.ServiceType,
			"configuration": orEmpty(conn.Configuration), "sync_cursor": nil,
		},
		"trigger_method": tr, "job_type": t, "status": job.Pending, "error": nil,
		"created_at": now, "started_at": nil, "last_seen": now, "completed_at": nil,
		"canceled_at": nil, "cancelation_requested_at": nil,
		"indexed_document_count": 0, "indexed_document_volume": 0, "deleted_document_count": 0, "total_document_count": 0,
		"worker_hostname": nil, "metadata": metadata,
	}
}

func orEmpty(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return json.RawMessage("{}")
	}
	return raw
}

// snapshot is the active filter of a connector, or an empty one.
func snapshot(filtering json.RawMessage) json.RawMessage {
	if active := activeFilter(filtering); active != nil {
		return active
	}
	return json.RawMessage(`{"advanced_snippet":{},"rules":[]}`)
}

// activeFilter finds the active filter of the default domain, or of the first
// one without a name; nil where there is none.
func activeFilter(filtering json.RawMessage) (active json.RawMessage) {
	var list []json.RawMessage
	_ = json.Unmarshal(filtering, &list) // no list holds no filter
	for _, item := range list {
		o, _ := parseObject(item)
		domain := o.text("domain")
		if a := o.get("active"); a != nil && a[0] == '{' && (domain == rules.DefaultDomain || domain == "" && active == nil) {
			active = a
			if domain == rules.DefaultDomain {
				break
			}
		}
	}
	return active
}

// ScheduledID is the id of the job of one occurrence of a schedule. Whoever
// makes that job makes the same one.
func ScheduledID(connectorID string, t JobType, occurrence time.Time) string {
	sum := sha256.Sum256([]byte(connectorID + "\x00" + string(t) + "\x00" + occurrenceTime(occurrence)))
	return hex.EncodeToString(sum[:20])
}

// Furthest is how far in the future the last occurrence may lie: clocks of
// machines differ and are set back, but nobody waits for years.
const Furthest = 25 * time.Hour

// ScheduleJob makes the job of an occurrence, unless it was made before, and
// stores in the connector that it was. A crash in between loses and doubles
// nothing: ask again.
func (c *Client) ScheduleJob(ctx context.Context, conn Connector, t JobType, occurrence time.Time) (created bool, err error) {
	_, err = c.CreateJob(ctx, conn, t, Scheduled, JobOptions{ID: ScheduledID(conn.ID, t, occurrence)})
	if err != nil && !exists(err) {
		return false, err
	}
	created = err == nil
	_, err = c.Update(ctx, conn, func(conn Connector) (Patch, error) {
		if last := conn.LastScheduled[t]; !last.Before(occurrence) && !last.After(c.now().Add(Furthest)) {
			return nil, nil
		}
		return Patch{scheduledField(t): FormatTime(occurrence)}, nil
	})
	return created, err
}
