package settings

import "strings"

// withoutEffect is what Elastic's service knows and Tributary does not need,
// each with the reason. A key stands for everything below it too.
var withoutEffect = map[string]string{
	"connector_id":                                      "list the connector under connectors",
	"service_type":                                      "list the connector under connectors",
	"elasticsearch.retry_on_timeout":                    "requests that time out are always tried again",
	"elasticsearch.max_wait_duration":                   waits,
	"elasticsearch.initial_backoff_duration":            waits,
	"elasticsearch.backoff_multiplier":                  waits,
	"elasticsearch.log_level":                           "use log.level",
	"elasticsearch.feature_use_connectors_api":          "Tributary finds out what the server has",
	"elasticsearch.bulk.queue_max_size":                 "there is no queue: a source waits for the index",
	"elasticsearch.bulk.queue_max_mem_size":             "there is no queue: a source waits for the index",
	"elasticsearch.bulk.queue_refresh_interval":         "there is no queue: a source waits for the index",
	"elasticsearch.bulk.queue_refresh_timeout":          "there is no queue: a source waits for the index",
	"elasticsearch.bulk.max_text_document_size":         "service.max_file_download_size limits content",
	"elasticsearch.bulk.display_every":                  "progress is logged by time",
	"elasticsearch.bulk.max_retries":                    "use elasticsearch.max_retries",
	"elasticsearch.bulk.retry_interval":                 "use elasticsearch.retry_interval",
	"elasticsearch.bulk.enable_operations_logging":      "use log.level: debug",
	"elasticsearch.bulk.error_monitor.error_queue_size": "the first failures of a sync are always named",
	"service.worker_mode":                               "there is one mode",
	"service.preflight_max_attempts":                    "the service waits for Elasticsearch as long as it takes",
	"service.preflight_idle":                            "the service waits for Elasticsearch as long as it takes",
	"service.max_errors":                                "the service goes on after an error",
	"service.max_errors_span":                           "the service goes on after an error",
	"service.fips_mode":                                 "build the program with GOFIPS140 for that",
	"extraction_service.use_file_pointers":              "content is always sent",
	"extraction_service.stream_chunk_size":              "content is streamed as it is read",
	"extraction_service.shared_volume_dir":              "content is always sent",
}

const waits = "commands do not wait for Elasticsearch to start; the service waits as long as it takes"

// renamed are keys of Elastic's service that have another name here, with the
// same meaning.
var renamed = map[string]string{"service.log_level": "log.level"}

// levels are the names of log levels in Elastic's configuration.
var levels = map[string]string{"DEBUG": "debug", "INFO": "info", "WARNING": "warn", "ERROR": "error", "CRITICAL": "error"}

// ignored returns why a key has no effect, and whether it is one of those.
func ignored(path string) (reason string, ok bool) {
	for {
		if reason, ok = withoutEffect[path]; ok {
			return reason, true
		}
		i := strings.LastIndexByte(path, '.')
		if i < 0 {
			return "", false
		}
		path = path[:i]
	}
}
