package protocol

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/tributary-search/tributary/runtime/job"
	"github.com/tributary-search/tributary/runtime/rules"
)

// Connector is a connector document. What is missing or malformed in the
// document is zero here and stays in it as it is.
type Connector struct {
	ID      string
	Version Version
	// Raw is the document as it is stored.
	Raw json.RawMessage

	Name, Description, ServiceType, IndexName, Language string
	Native, Deleted                                     bool
	Status                                              ConnectorStatus
	// Error is why the status is error.
	Error string

	// Configuration, Filtering and SyncCursor are as stored; nil where
	// nothing is.
	Configuration, Filtering, SyncCursor json.RawMessage
	Features                             Features
	Pipeline                             Pipeline
	Scheduling                           map[JobType]Schedule

	LastSeen, LastSynced time.Time
	// LastScheduled is the last occurrence that a job was made for.
	LastScheduled                        map[JobType]time.Time
	LastSyncStatus, LastAccessSyncStatus job.Status
	LastSyncError, LastAccessSyncError   string
	LastIndexed, LastDeleted             int64
}

// Schedule is when one type of job is to run.
type Schedule struct {
	Enabled  bool
	Interval string // a Quartz cron expression
}

// Pipeline is the ingest pipeline of a content index.
type Pipeline struct {
	Name                                                   string
	ExtractBinaryContent, ReduceWhitespace, RunMLInference bool
}

// Features are what a connector's document switches on. What it does not name
// is off.
type Features struct {
	BasicRules, AdvancedRules          bool
	DocumentLevelSecurity, Incremental bool
}

// Rules is the part that sync rules obey.
func (f Features) Rules() rules.Features {
	return rules.Features{Basic: f.BasicRules, Advanced: f.AdvancedRules}
}

// SyncStatus is how the last job ended that content jobs, or access control
// jobs, share the connector's lock with; [job.InProgress] while one runs.
func (c Connector) SyncStatus(t JobType) job.Status {
	if t.Content() {
		return c.LastSyncStatus
	}
	return c.LastAccessSyncStatus
}

// ParseConnector reads a document of any of the shapes in use. The only error
// is a text that is no JSON object.
func ParseConnector(id string, v Version, raw []byte) (Connector, error) {
	o, err := parseObject(raw)
	if err != nil {
		return Connector{}, fmt.Errorf("connector %s: the document is %w", id, err)
	}
	c := Connector{
		ID: id, Version: v, Raw: raw,
		Name: o.text("name"), Description: o.text("description"), ServiceType: o.text("service_type"),
		IndexName: o.text("index_name"), Language: o.text("language"),
		Native: o.truth("is_native"), Deleted: o.truth("deleted"),
		Status: ConnectorStatus(o.text("status")), Error: o.text("error"),
		Configuration: o.get("configuration"), Filtering: o.get("filtering"), SyncCursor: o.get("sync_cursor"),
		Features: parseFeatures(o.get("features")), Pipeline: parsePipeline(o.get("pipeline")),
		Scheduling: parseScheduling(o.get("scheduling")),
		LastSeen:   o.time("last_seen"), LastSynced: o.time("last_synced"),
		LastScheduled:  map[JobType]time.Time{},
		LastSyncStatus: job.Status(o.text("last_sync_status")), LastAccessSyncStatus: job.Status(o.text("last_access_control_sync_status")),
		LastSyncError: o.text("last_sync_error"), LastAccessSyncError: o.text("last_access_control_sync_error"),
		LastIndexed: o.number("last_indexed_document_count"), LastDeleted: o.number("last_deleted_document_count"),
	}
	for _, t := range JobTypes() {
		if at := o.time(scheduledField(t)); !at.IsZero() {
			c.LastScheduled[t] = at
		}
	}
	return c, nil
}

// scheduledField is the field of the last occurrence of a type.
func scheduledField(t JobType) string {
	switch t {
	case Incremental:
		return "last_incremental_sync_scheduled_at"
	case AccessControl:
		return "last_access_control_sync_scheduled_at"
	default:
		return "last_sync_scheduled_at"
	}
}

func parseFeatures(raw json.RawMessage) Features {
	o, _ := parseObject(raw)
	r := rules.ParseFeatures(raw)
	return Features{
		BasicRules: r.Basic, AdvancedRules: r.Advanced,
		DocumentLevelSecurity: o.object("document_level_security").truth("enabled"),
		Incremental:           o.object("incremental_sync").truth("enabled"),
	}
}

// DefaultPipeline is the pipeline of a document that names none.
func DefaultPipeline() Pipeline {
	return Pipeline{"search-default-ingestion", true, true, true}
}

func parsePipeline(raw json.RawMessage) Pipeline {
	p := DefaultPipeline()
	o, _ := parseObject(raw)
	if name := o.text("name"); name != "" {
		p.Name = name
	}
	for name, flag := range map[string]*bool{
		"extract_binary_content": &p.ExtractBinaryContent,
		"reduce_whitespace":      &p.ReduceWhitespace,
		"run_ml_inference":       &p.RunMLInference,
	} {
		if o.get(name) != nil {
			*flag = o.truth(name)
		}
	}
	return p
}

// parseScheduling reads {"full": {"enabled": true, "interval": "…"}, …} and
// the older form, which is that of one full schedule.
func parseScheduling(raw json.RawMessage) map[JobType]Schedule {
	o, _ := parseObject(raw)
	all := map[JobType]Schedule{}
	if o.get("interval") != nil {
		all[Full] = Schedule{o.truth("enabled"), o.text("interval")}
	}
	for _, t := range JobTypes() {
		if o.get(string(t)) != nil {
			s := o.object(string(t))
			all[t] = Schedule{s.truth("enabled"), s.text("interval")}
		}
	}
	return all
}

// RawScheduling is the stored schedules, to lay changes over with [Merge].
func (c Connector) RawScheduling() json.RawMessage { return c.raw("scheduling") }

// raw is a field as it is stored; nil where nothing is.
func (c Connector) raw(name string) json.RawMessage {
	o, _ := parseObject(c.Raw)
	return o.get(name)
}
