package protocol

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tributary-search/tributary/runtime/rules"
)

// NewConnector is what a connector is made of. Only IndexName and ServiceType
// are needed.
type NewConnector struct {
	ID                                                  string // chosen by Elasticsearch when empty
	Name, Description, ServiceType, IndexName, Language string
	Native                                              bool
	// Configuration, when given, makes the connector configured: it must hold
	// valid values.
	Configuration json.RawMessage
	// Pipeline is [DefaultPipeline] when nil.
	Pipeline *Pipeline
	// Scheduling has the types that are to run by themselves.
	Scheduling map[JobType]Schedule
	APIKeyID   string
}

// NoSchedule is the interval of schedules that are off: daily at midnight.
const NoSchedule = "0 0 0 * * ?"

// CreateConnector stores a new connector. The error is [ErrExists] when its id
// or its index belongs to another one; a deleted connector of the same id is
// replaced.
func (c *Client) CreateConnector(ctx context.Context, n NewConnector) (Connector, error) {
	if n.IndexName == "" || n.ServiceType == "" {
		return Connector{}, fmt.Errorf("connector %s: it needs an index name and a service type", n.ID)
	}
	if err := c.indexFree(ctx, n); err != nil {
		return Connector{}, err
	}
	raw := made(newConnector(n, FormatTime(c.now())))
	id, seqNo, term, err := c.store.Create(ctx, ConnectorsIndex, n.ID, raw)
	if conflict(err) {
		if err = c.dropDeleted(ctx, n.ID); err == nil {
			id, seqNo, term, err = c.store.Create(ctx, ConnectorsIndex, n.ID, raw)
		}
	}
	if conflict(err) {
		err = fmt.Errorf("connector %s: the id is %w", n.ID, ErrExists)
	}
	if err != nil {
		return Connector{}, wrap("create connector", err)
	}
	return ParseConnector(id, Version{seqNo, term}, raw)
}

func (c *Client) indexFree(ctx context.Context, n NewConnector) error {
	_, err := c.store.Search(ctx, ConnectorsIndex, usersOfIndex(n.IndexName), func(id string, _ []byte, _, _ int64) error {
		if id == n.ID {
			return nil
		}
		return fmt.Errorf("index %s is %w by connector %s; choose another index", n.IndexName, ErrExists, id)
	})
	return wrap("create connector", err)
}

// dropDeleted makes room where a deleted connector has the id.
func (c *Client) dropDeleted(ctx context.Context, id string) error {
	old, err := c.Connector(ctx, id)
	if err != nil {
		return err
	}
	if !old.Deleted {
		return fmt.Errorf("connector %s: the id is %w", id, ErrExists)
	}
	return c.store.Delete(ctx, ConnectorsIndex, id, old.Version.SeqNo, old.Version.PrimaryTerm)
}

// newConnector is the document of a connector that nobody has touched.
func newConnector(n NewConnector, now string) Patch {
	doc := Patch{
		"api_key_id": orNull(n.APIKeyID), "api_key_secret_id": nil,
		"configuration": json.RawMessage("{}"), "custom_scheduling": json.RawMessage("{}"),
		"deleted": false, "description": orNull(n.Description), "error": nil, "features": nil,
		"filtering": defaultFiltering(now), "index_name": n.IndexName, "is_native": n.Native, "language": orNull(n.Language),
		"last_access_control_sync_error": nil, "last_access_control_sync_scheduled_at": nil, "last_access_control_sync_status": nil,
		"last_deleted_document_count": nil, "last_incremental_sync_scheduled_at": nil, "last_indexed_document_count": nil,
		"last_seen": nil, "last_sync_error": nil, "last_sync_scheduled_at": nil, "last_sync_status": nil, "last_synced": nil,
		"name": orNull(n.Name), "pipeline": n.pipeline(), "scheduling": n.scheduling(),
		"service_type": n.ServiceType, "status": Created, "sync_cursor": nil,
	}
	if n.Native {
		doc["status"] = NeedsConfiguration
	}
	if len(n.Configuration) > 0 {
		doc["configuration"], doc["status"] = n.Configuration, Configured
	}
	return doc
}

func (n NewConnector) pipeline() clause {
	if n.Pipeline == nil {
		return DefaultPipeline().doc()
	}
	return n.Pipeline.doc()
}

func (p Pipeline) doc() clause {
	return clause{
		"name": p.Name, "extract_binary_content": p.ExtractBinaryContent,
		"reduce_whitespace": p.ReduceWhitespace, "run_ml_inference": p.RunMLInference,
	}
}

func (n NewConnector) scheduling() clause {
	doc := clause{}
	for _, t := range JobTypes() {
		s, ok := n.Scheduling[t]
		if !ok {
			s = Schedule{Interval: NoSchedule}
		}
		doc[string(t)] = clause{"enabled": s.Enabled, "interval": s.Interval}
	}
	return doc
}

func defaultFiltering(now string) []any {
	filter := func() clause {
		return clause{
			"advanced_snippet": clause{"created_at": now, "updated_at": now, "value": clause{}},
			"rules": []any{clause{
				"id": "DEFAULT", "policy": "include", "field": "_", "rule": "regex", "value": ".*", "order": 0,
				"created_at": now, "updated_at": now,
			}},
			"validation": rules.Validation{State: rules.Valid},
		}
	}
	return []any{clause{"domain": rules.DefaultDomain, "active": filter(), "draft": filter()}}
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// DeleteConnector marks a connector as deleted: no service works on it any
// longer, and its jobs are removed by the cleanup. Its index stays.
func (c *Client) DeleteConnector(ctx context.Context, id string) error {
	conn, err := c.Connector(ctx, id)
	if err != nil {
		return err
	}
	_, err = c.Update(ctx, conn, func(conn Connector) (Patch, error) {
		if conn.Deleted {
			return nil, nil
		}
		return Patch{"deleted": true}, nil
	})
	return err
}

// occurrenceTime is how an occurrence is written into the id of its job.
func occurrenceTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }
