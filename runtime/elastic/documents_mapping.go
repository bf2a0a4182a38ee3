package elastic

// The mappings have the fields of the protocol with the types that
// Elasticsearch's own have, so that a later version of it can take the indices
// over. Other fields are kept and not looked at; a text that is too long for an
// index is not refused.
const (
	connectorsMapping = `{"dynamic":"false","properties":{
"api_key_id":{"type":"keyword"},"api_key_secret_id":{"type":"keyword"},
"configuration":{"type":"object"},"custom_scheduling":{"type":"object"},
"deleted":{"type":"boolean"},"description":{"type":"text"},"error":` + message + `,
"features":{"properties":{
	"filtering_advanced_config":{"type":"boolean"},"filtering_rules":{"type":"boolean"},
	"document_level_security":` + switched + `,"incremental_sync":` + switched + `,"native_connector_api_keys":` + switched + `,
	"sync_rules":{"properties":{"basic":` + switched + `,"advanced":` + switched + `}}}},
"filtering":{"properties":{"domain":{"type":"keyword"},"active":` + filter + `,"draft":` + filter + `}},
"index_name":{"type":"keyword"},"is_native":{"type":"boolean"},"language":{"type":"keyword"},
"last_access_control_sync_error":` + message + `,"last_access_control_sync_scheduled_at":{"type":"date"},
"last_access_control_sync_status":{"type":"keyword"},
"last_deleted_document_count":{"type":"long"},"last_incremental_sync_scheduled_at":{"type":"date"},
"last_indexed_document_count":{"type":"long"},"last_seen":{"type":"date"},
"last_sync_error":` + message + `,"last_sync_scheduled_at":{"type":"date"},"last_sync_status":{"type":"keyword"},
"last_synced":{"type":"date"},"name":{"type":"keyword","ignore_above":8191},
"pipeline":` + pipelineMapping + `,
"scheduling":{"properties":{"full":` + schedule + `,"incremental":` + schedule + `,"access_control":` + schedule + `}},
"service_type":{"type":"keyword"},"status":{"type":"keyword"},"sync_cursor":{"type":"object"}}}`

	jobsMapping = `{"dynamic":"false","properties":{
"canceled_at":{"type":"date"},"cancelation_requested_at":{"type":"date"},"completed_at":{"type":"date"},
"connector":{"properties":{
	"configuration":{"type":"object"},"filtering":` + filter + `,"id":{"type":"keyword"},"index_name":{"type":"keyword"},
	"language":{"type":"keyword"},"pipeline":` + pipelineMapping + `,"service_type":{"type":"keyword"},
	"sync_cursor":{"type":"object"}}},
"created_at":{"type":"date"},"deleted_document_count":{"type":"integer"},"error":` + message + `,
"indexed_document_count":{"type":"integer"},"indexed_document_volume":{"type":"integer"},
"job_type":{"type":"keyword"},"last_seen":{"type":"date"},"metadata":{"type":"object"},
"started_at":{"type":"date"},"status":{"type":"keyword"},"total_document_count":{"type":"integer"},
"trigger_method":{"type":"keyword"},"worker_hostname":{"type":"keyword"}}}`

	message  = `{"type":"keyword","ignore_above":8191}`
	switched = `{"properties":{"enabled":{"type":"boolean"}}}`
	schedule = `{"properties":{"enabled":{"type":"boolean"},"interval":{"type":"text"}}}`

	pipelineMapping = `{"properties":{"name":{"type":"keyword"},"extract_binary_content":{"type":"boolean"},` +
		`"reduce_whitespace":{"type":"boolean"},"run_ml_inference":{"type":"boolean"}}}`

	filter = `{"properties":{
	"advanced_snippet":{"properties":{"created_at":{"type":"date"},"updated_at":{"type":"date"},"value":{"type":"object"}}},
	"rules":{"properties":{"created_at":{"type":"date"},"field":{"type":"keyword"},"id":{"type":"keyword"},"order":{"type":"short"},
		"policy":{"type":"keyword"},"rule":{"type":"keyword"},"updated_at":{"type":"date"},"value":` + message + `}},
	"validation":{"properties":{"errors":{"properties":{"ids":{"type":"keyword"},"messages":{"type":"text"}}},"state":{"type":"keyword"}}}}}`
)
