package settings

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/schema"
)

// field ties a key to its member of Settings.
type field struct {
	key    string
	secret bool
	// set takes a value as it stands in a file. Text from the environment,
	// from a flag or from a reference comes as a scalar without a tag.
	set func(n *yaml.Node) error
	// setKey takes one entry of a setting that is a map; nil for others.
	setKey func(key string, n *yaml.Node) error
}

// fields returns every setting, bound to s.
func fields(s *Settings) []field {
	es, bulk, monitor := &s.Elasticsearch, &s.Elasticsearch.Bulk, &s.Elasticsearch.Bulk.ErrorMonitor
	service := &s.Service
	return []field{
		text("data", &s.Data),
		choice("log.level", &s.Log.Level, "debug", "info", "warn", "error"),
		choice("log.format", &s.Log.Format, "text", "json", "ecs"),
		address("elasticsearch.host", &es.Host, "http", "https"),
		text("elasticsearch.cloud_id", &es.CloudID),
		secret("elasticsearch.api_key", &es.APIKey),
		text("elasticsearch.username", &es.Username),
		secret("elasticsearch.password", &es.Password),
		flag("elasticsearch.ssl", &es.SSL),
		flag("elasticsearch.verify_certs", &es.VerifyCerts),
		text("elasticsearch.ca_certs", &es.CACerts),
		text("elasticsearch.ca_fingerprint", &es.Fingerprint),
		address("elasticsearch.proxy", &es.Proxy, "http", "https", "socks5"),
		texts("elasticsearch.headers", &es.Headers),
		duration("elasticsearch.request_timeout", &es.RequestTimeout),
		flag("elasticsearch.compress", &es.Compress),
		integer("elasticsearch.max_retries", &es.MaxRetries, 1),
		duration("elasticsearch.retry_interval", &es.RetryInterval),
		integer("elasticsearch.bulk.chunk_size", &bulk.ChunkSize, 2),
		number("elasticsearch.bulk.chunk_max_mem_size", &bulk.ChunkMaxMemSize, 0.01, 100),
		integer("elasticsearch.bulk.max_concurrency", &bulk.MaxConcurrency, 1),
		integer("elasticsearch.bulk.concurrent_downloads", &bulk.ConcurrentDownloads, 1),
		flag("elasticsearch.bulk.error_monitor.enabled", &monitor.Enabled),
		integer("elasticsearch.bulk.error_monitor.max_total_errors", &monitor.MaxTotalErrors, 0),
		integer("elasticsearch.bulk.error_monitor.max_consecutive_errors", &monitor.MaxConsecutiveErrors, 0),
		number("elasticsearch.bulk.error_monitor.max_error_rate", &monitor.MaxErrorRate, 0, 1),
		integer("elasticsearch.bulk.error_monitor.error_window_size", &monitor.ErrorWindowSize, 0),
		number("sync.max_delete_share", &s.Sync.MaxDeleteShare, 0, 1),
		integer("sync.max_deletes", &s.Sync.MaxDeletes, 0),
		text("dead_letters.index", &s.DeadLetters.Index),
		duration("service.idling", &service.Idling),
		duration("service.heartbeat", &service.Heartbeat),
		duration("service.lease", &service.Lease),
		integer("service.max_concurrent_content_syncs", &service.ContentSyncs, 1),
		integer("service.max_concurrent_access_control_syncs", &service.AccessControlSyncs, 1),
		integer("service.max_concurrent_scheduling_tasks", &service.SchedulingTasks, 1),
		duration("service.job_cleanup_interval", &service.CleanupInterval),
		integer("service.max_requeues", &service.MaxRequeues, 0),
		duration("service.source_idle", &service.SourceIdle),
		integer("service.max_file_download_size", &service.MaxFileDownloadSize, 0),
		flag("service.allow_link_local", &service.AllowLinkLocal),
		list("service.service_types", &service.ServiceTypes),
		text("service.metrics_address", &service.MetricsAddress),
		address("extraction_service.host", &s.ExtractionService.Host, "http", "https"),
		duration("extraction_service.timeout", &s.ExtractionService.Timeout),
		texts("sources", &s.Sources),
		connectors("connectors", &s.Connectors),
	}
}

// Keys returns the keys of every setting, dotted, in the order of config.yml.
func Keys() []string {
	var s Settings
	var keys []string
	for _, f := range fields(&s) {
		keys = append(keys, f.key)
	}
	return keys
}

// IsSecret reports whether a setting holds a secret.
func IsSecret(key string) bool {
	return slices.ContainsFunc(fields(&Settings{}), func(f field) bool { return f.secret && f.key == key })
}

func text(key string, to *string) field {
	return field{key: key, set: func(n *yaml.Node) (err error) {
		*to, err = scalar(n)
		return err
	}}
}

func secret(key string, to *connector.Secret) field {
	return field{key: key, secret: true, set: func(n *yaml.Node) error {
		s, err := scalar(n)
		*to = connector.NewSecret(s)
		return err
	}}
}

func choice(key string, to *string, allowed ...string) field {
	return field{key: key, set: func(n *yaml.Node) error {
		s, err := scalar(n)
		if err != nil {
			return err
		}
		if !slices.Contains(allowed, s) {
			return fmt.Errorf("must be one of %s, not %s%s", strings.Join(allowed, ", "), shown(n), schema.DidYouMean(s, allowed))
		}
		*to = s
		return nil
	}}
}

// address is a URL, or several with commas between them.
func address(key string, to *string, schemes ...string) field {
	return field{key: key, set: func(n *yaml.Node) error {
		s, err := scalar(n)
		if err != nil || s == "" {
			*to = s
			return err
		}
		for one := range strings.SplitSeq(s, ",") {
			u, err := url.Parse(strings.TrimSpace(one))
			if err != nil || u.Host == "" || !slices.Contains(schemes, u.Scheme) {
				return fmt.Errorf("must be a URL that begins with %s://", strings.Join(schemes, ":// or "))
			}
		}
		*to = strings.TrimRight(s, "/")
		return nil
	}}
}

func flag(key string, to *bool) field {
	return field{key: key, set: func(n *yaml.Node) error {
		s, err := scalar(n)
		if err != nil {
			return err
		}
		if !loose(n) && n.Tag != "!!bool" || s != "true" && s != "false" {
			return fmt.Errorf("must be true or false, not %s", shown(n))
		}
		*to = s == "true"
		return nil
	}}
}

func integer[T int | int64](key string, to *T, low T) field {
	return field{key: key, set: func(n *yaml.Node) error {
		s, err := scalar(n)
		if err != nil {
			return err
		}
		v, err := strconv.ParseInt(s, 10, 64)
		if err != nil || !loose(n) && n.Tag != "!!int" {
			return fmt.Errorf("must be a whole number, not %s", shown(n))
		}
		if T(v) < low || int64(T(v)) != v {
			return fmt.Errorf("must be %d or more, not %d", low, v)
		}
		*to = T(v)
		return nil
	}}
}

func number(key string, to *float64, low, high float64) field {
	return field{key: key, set: func(n *yaml.Node) error {
		s, err := scalar(n)
		if err != nil {
			return err
		}
		v, err := strconv.ParseFloat(s, 64)
		if err != nil || !loose(n) && n.Tag != "!!int" && n.Tag != "!!float" {
			return fmt.Errorf("must be a number, not %s", shown(n))
		}
		if !(v >= low && v <= high) {
			return fmt.Errorf("must be between %g and %g, not %s", low, high, s)
		}
		*to = v
		return nil
	}}
}

func duration(key string, to *Duration) field {
	return field{key: key, set: func(n *yaml.Node) error {
		s, err := scalar(n)
		if err != nil {
			return err
		}
		d, ok := parseDuration(s)
		if !ok {
			return fmt.Errorf("must be a length of time such as 30s, or a number of seconds, not %s", shown(n))
		}
		*to = d
		return nil
	}}
}
