// Package settings reads what Tributary is told outside of connectors: the
// file config.yml, below the environment, below the flags of the command line.
//
// Keys that Elastic's connector service knows keep their name and meaning,
// nested or dotted. Those that mean nothing here are accepted with a warning;
// everything else that is not known is an error with its place.
package settings

import (
	"time"

	"github.com/tributary-search/tributary/runtime/connector"
)

// Settings is every setting of Tributary. [Default] gives the defaults,
// config.yml in the repository lists and explains them.
type Settings struct {
	Data              string            `json:"data" jsonschema_description:"Folder of the embedded node's data. Empty: the user's state folder."`
	Log               Log               `json:"log" jsonschema_description:"What is logged, and how."`
	Elasticsearch     Elasticsearch     `json:"elasticsearch" jsonschema_description:"The Elasticsearch to write to. Without a host or cloud id, the embedded node."`
	Sync              Sync              `json:"sync" jsonschema_description:"Limits of every sync."`
	DeadLetters       DeadLetters       `json:"dead_letters" jsonschema_description:"Where documents are kept that failed."`
	Service           Service           `json:"service" jsonschema_description:"The connector service."`
	ExtractionService ExtractionService `json:"extraction_service" jsonschema_description:"Elastic's data extraction service, for text in binary formats."`
	Sources           map[string]string `json:"sources" jsonschema_description:"What is compiled in: service type to folder below sources/. At run time the list can only be narrowed."`
	Connectors        []Connector       `json:"connectors" jsonschema_description:"The connectors that the service works on."`
}

// Log says what is logged, and how.
type Log struct {
	Level  string `json:"level" jsonschema:"enum=debug,enum=info,enum=warn,enum=error,default=info" jsonschema_description:"Least level that is logged."`
	Format string `json:"format" jsonschema:"enum=text,enum=json,enum=ecs,default=text" jsonschema_description:"Form of log lines."`
}

// Elasticsearch is the cluster and how to reach it.
type Elasticsearch struct {
	Host           string            `json:"host" jsonschema_description:"URL, such as https://localhost:9200. Empty: the embedded node."`
	CloudID        string            `json:"cloud_id" jsonschema_description:"Cloud id of an Elastic Cloud deployment, in place of host."`
	APIKey         connector.Secret  `json:"api_key" jsonschema_description:"API key in its encoded form. Beats username and password."`
	Username       string            `json:"username" jsonschema_description:"User for basic authentication."`
	Password       connector.Secret  `json:"password" jsonschema_description:"Password for basic authentication."`
	SSL            bool              `json:"ssl" jsonschema:"default=true" jsonschema_description:"Whether verify_certs and ca_certs count."`
	VerifyCerts    bool              `json:"verify_certs" jsonschema:"default=true" jsonschema_description:"Whether the server's certificate is verified."`
	CACerts        string            `json:"ca_certs" jsonschema_description:"PEM file with the certificate authorities to trust."`
	Fingerprint    string            `json:"ca_fingerprint" jsonschema_description:"SHA-256 of the certificate authority to trust, in hex, as Elasticsearch prints it on its first start."`
	Proxy          string            `json:"proxy" jsonschema_description:"URL of a proxy. Empty: the one that the environment names, if any."`
	Headers        map[string]string `json:"headers" jsonschema_description:"Headers sent with every request."`
	RequestTimeout Duration          `json:"request_timeout" jsonschema:"anyof_type=string;number" jsonschema_extras:"default=240s" jsonschema_description:"Longest time for one request."`
	Compress       bool              `json:"compress" jsonschema:"default=false" jsonschema_description:"Whether requests are compressed: less network, more CPU."`
	MaxRetries     int               `json:"max_retries" jsonschema:"minimum=1,default=5" jsonschema_description:"How often a request is tried before a transient failure counts. Documents are tried longer."`
	RetryInterval  Duration          `json:"retry_interval" jsonschema:"anyof_type=string;number" jsonschema_extras:"default=10s" jsonschema_description:"Longest pause before a request is tried again."`
	Bulk           Bulk              `json:"bulk" jsonschema_description:"How documents are written."`
}

// Bulk says how documents are written.
type Bulk struct {
	ChunkSize           int          `json:"chunk_size" jsonschema:"minimum=2,default=10000" jsonschema_description:"Most lines of one request. A document is two lines, a deletion one."`
	ChunkMaxMemSize     float64      `json:"chunk_max_mem_size" jsonschema:"default=1" jsonschema_description:"Most MiB of one request."`
	MaxConcurrency      int          `json:"max_concurrency" jsonschema:"minimum=1,default=2" jsonschema_description:"Requests under way at once."`
	ConcurrentDownloads int          `json:"concurrent_downloads" jsonschema:"minimum=1,default=10" jsonschema_description:"Attachments read at once."`
	ErrorMonitor        ErrorMonitor `json:"error_monitor" jsonschema_description:"How many documents Elasticsearch may reject before a sync ends."`
}

// ErrorMonitor says how many documents Elasticsearch may reject before a sync
// ends.
type ErrorMonitor struct {
	Enabled              bool    `json:"enabled" jsonschema:"default=true" jsonschema_description:"Whether there is a limit at all."`
	MaxTotalErrors       int     `json:"max_total_errors" jsonschema:"minimum=0,default=1000" jsonschema_description:"In one sync. 0 is no limit."`
	MaxConsecutiveErrors int     `json:"max_consecutive_errors" jsonschema:"minimum=0,default=10" jsonschema_description:"In a row. 0 is no limit."`
	MaxErrorRate         float64 `json:"max_error_rate" jsonschema:"minimum=0,maximum=1,default=0.15" jsonschema_description:"Share of the last error_window_size documents. 0 is no limit."`
	ErrorWindowSize      int     `json:"error_window_size" jsonschema:"minimum=0,default=100" jsonschema_description:"Documents that max_error_rate looks at. 0 is no limit."`
}

// Sync is the limits of every sync.
type Sync struct {
	MaxDeleteShare float64 `json:"max_delete_share" jsonschema:"minimum=0,maximum=1,default=0.2" jsonschema_description:"A sync that would delete more than this share of its documents stops."`
	MaxDeletes     int     `json:"max_deletes" jsonschema:"minimum=0,default=100" jsonschema_description:"So many deletions are never too many, unless they are all."`
}

// DeadLetters is where documents are kept that failed.
type DeadLetters struct {
	Index string `json:"index" jsonschema:"default=tributary-failed" jsonschema_description:"Hidden index of documents that were rejected or whose content could not be read. Empty, or where it may not be written: files in the folder failed of data."`
}

// Service is the connector service.
type Service struct {
	Idling              Duration `json:"idling" jsonschema:"anyof_type=string;number" jsonschema_extras:"default=5s" jsonschema_description:"Time between two looks at the connectors and jobs. For a minute after a job was seen it is 200ms, unless this is less."`
	Heartbeat           Duration `json:"heartbeat" jsonschema:"anyof_type=string;number" jsonschema_extras:"default=300s" jsonschema_description:"Time after which a connector's last_seen is written again."`
	Lease               Duration `json:"lease" jsonschema:"anyof_type=string;number" jsonschema_extras:"default=60s" jsonschema_description:"Time after which a job whose worker gives no sign of life is taken over. The same for all replicas."`
	ContentSyncs        int      `json:"max_concurrent_content_syncs" jsonschema:"minimum=1,default=4" jsonschema_description:"Full and incremental syncs that run at once in one process."`
	AccessControlSyncs  int      `json:"max_concurrent_access_control_syncs" jsonschema:"minimum=1,default=2" jsonschema_description:"Access control syncs that run at once in one process."`
	SchedulingTasks     int      `json:"max_concurrent_scheduling_tasks" jsonschema:"minimum=1,default=4" jsonschema_description:"Connectors that are checked at once."`
	CleanupInterval     Duration `json:"job_cleanup_interval" jsonschema:"anyof_type=string;number" jsonschema_extras:"default=300s" jsonschema_description:"Time between two full looks at all connectors, for jobs and locks that nobody needs any more."`
	MaxRequeues         int      `json:"max_requeues" jsonschema:"minimum=0,default=3" jsonschema_description:"How often a job whose worker vanished is started again before it fails."`
	SourceIdle          Duration `json:"source_idle" jsonschema:"anyof_type=string;number" jsonschema_extras:"default=600s" jsonschema_description:"How long a source that nobody uses stays open."`
	MaxFileDownloadSize int64    `json:"max_file_download_size" jsonschema:"minimum=0,default=10485760" jsonschema_description:"Most bytes of a file whose content is read."`
	AllowLinkLocal      bool     `json:"allow_link_local" jsonschema:"default=false" jsonschema_description:"Whether HTTP sources may ask link-local addresses and those of a cloud's metadata service, where machines get credentials."`
	ServiceTypes        []string `json:"service_types" jsonschema_description:"The service types that the service works on."`
	MetricsAddress      string   `json:"metrics_address" jsonschema_description:"Address for /metrics, /healthz and /readyz, such as 127.0.0.1:9478. Empty: none. There is no authentication."`
}

// ExtractionService is Elastic's data extraction service.
type ExtractionService struct {
	Host    string   `json:"host" jsonschema_description:"URL, such as http://localhost:8090. Empty: none."`
	Timeout Duration `json:"timeout" jsonschema:"anyof_type=string;number" jsonschema_extras:"default=30s" jsonschema_description:"Longest time for one file."`
}

// Connector is one connector that the service works on.
type Connector struct {
	ConnectorID string           `json:"connector_id" jsonschema:"required" jsonschema_description:"Id of the connector document."`
	ServiceType string           `json:"service_type,omitempty" jsonschema_description:"Its service type; checked when given."`
	APIKey      connector.Secret `json:"api_key,omitempty" jsonschema_description:"API key used for this connector's index."`
}

// Default returns every setting's default.
func Default() Settings {
	return Settings{
		Log: Log{Level: "info", Format: "text"},
		Elasticsearch: Elasticsearch{
			SSL:            true,
			VerifyCerts:    true,
			RequestTimeout: Duration(240 * time.Second),
			MaxRetries:     5,
			RetryInterval:  Duration(10 * time.Second),
			Bulk: Bulk{
				ChunkSize:           10000,
				ChunkMaxMemSize:     1,
				MaxConcurrency:      2,
				ConcurrentDownloads: 10,
				ErrorMonitor: ErrorMonitor{
					Enabled:              true,
					MaxTotalErrors:       1000,
					MaxConsecutiveErrors: 10,
					MaxErrorRate:         0.15,
					ErrorWindowSize:      100,
				},
			},
		},
		Sync:        Sync{MaxDeleteShare: 0.2, MaxDeletes: 100},
		DeadLetters: DeadLetters{Index: "tributary-failed"},
		Service: Service{
			Idling: Duration(5 * time.Second), Heartbeat: Duration(300 * time.Second), Lease: Duration(60 * time.Second),
			ContentSyncs: 4, AccessControlSyncs: 2, SchedulingTasks: 4,
			CleanupInterval: Duration(300 * time.Second), MaxRequeues: 3, SourceIdle: Duration(600 * time.Second),
			MaxFileDownloadSize: 10 << 20,
		},
		ExtractionService: ExtractionService{Timeout: Duration(30 * time.Second)},
	}
}

// Embedded reports whether no Elasticsearch is named, so that the embedded
// node is used.
func (s Settings) Embedded() bool {
	return s.Elasticsearch.Host == "" && s.Elasticsearch.CloudID == ""
}
