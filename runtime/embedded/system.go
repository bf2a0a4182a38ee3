package embedded

import (
	"errors"
	"net/http"
	"slices"
	"strings"
)

// systemPrefix begins the names of the connector indices, which are system indices from 9.1 on.
const systemPrefix = ".elastic-connectors"

// productHeader names the product that a request comes from; only these may use the connector indices.
const productHeader = "X-Elastic-Product-Origin"

var products = []string{"connectors", "kibana", "cloud"}

// product reports whether the request may use system indices.
func (c *call) product() bool { return slices.Contains(products, c.req.Header.Get(productHeader)) }

// system reports whether an index is a system index.
func (n *Node) system(name string) bool {
	return n.opts.Mode == Mode91 && strings.HasPrefix(name, systemPrefix)
}

// guard refuses what a request may not do with the indices of its path.
func (c *call) guard() error {
	if c.node.opts.Mode != Mode91 || strings.HasPrefix(c.parts[0], "_") {
		return nil
	}
	for name := range strings.SplitSeq(c.parts[0], ",") {
		if err := c.guardName(name); err != nil {
			return err
		}
	}
	return nil
}

func (c *call) guardName(name string) error {
	if !c.node.system(name) || strings.Contains(name, "*") {
		return nil
	}
	if !c.product() {
		return reserved(name)
	}
	verb := "index"
	if len(c.parts) > 1 {
		verb = c.parts[1]
	}
	switch {
	case c.parts[0] == "_bulk" || c.parts[0] == "_mget":
	case verb == "index" && c.req.Method == http.MethodPut:
		return reserved(name)
	case verb == "index" && c.req.Method == http.MethodDelete:
		return c.restricted("indices:admin/delete", name, "delete_index,manage,all")
	case verb == "_refresh":
		return c.restricted("indices:admin/refresh", name, "maintenance,manage,all")
	case strings.HasPrefix(verb, "_mapping") && c.req.Method != http.MethodGet:
		return c.restricted("indices:admin/mapping/put", name, "manage,all")
	case (verb == "_settings" || strings.HasPrefix(verb, "_alias")) && c.req.Method != http.MethodGet && c.req.Method != http.MethodHead:
		return c.restricted("indices:admin/"+strings.TrimPrefix(verb, "_"), name, "manage,all")
	}
	return nil
}

func reserved(name string) error {
	return illegal("Indices [%s] use and access is reserved for system operations", name)
}

// restricted is how Elasticsearch refuses what the keys of a connector service may not do with system indices.
func (c *call) restricted(action, name, privileges string) error {
	return fail(http.StatusForbidden, "security_exception",
		"action [%s] is unauthorized for user [%s] on restricted indices [%s], this action is granted by the index privileges [%s]",
		action, c.node.username(), name, privileges)
}

// createMissing makes the index that a write names: a system index by its own rules, others by templates. The caller holds n.admin.
func (n *Node) createMissing(name string) (*index, error) {
	if n.system(name) {
		for _, s := range systemIndices() {
			if name == s.alias || name == s.alias+"-v1" {
				return n.create(s.alias+"-v1", s.body())
			}
		}
	}
	return n.create(name, indexBody{})
}

// ensureSystem makes the connector indices that are absent and returns the one of the connectors.
func (n *Node) ensureSystem() (*index, error) {
	n.admin.Lock()
	defer n.admin.Unlock()
	for _, s := range systemIndices() {
		_, err := n.writeTarget(s.alias)
		var e *apiError
		if errors.As(err, &e) && e.status == http.StatusNotFound {
			_, err = n.createMissing(s.alias)
		}
		if err != nil {
			return nil, err
		}
	}
	return n.writeTarget(systemPrefix)
}

// systemIndex is a system index as Elasticsearch describes it.
type systemIndex struct {
	alias  string
	fields map[string]string // type → paths, separated by spaces
}

func (s systemIndex) body() indexBody {
	mappings := map[string]any{"dynamic": "false"}
	for typ, paths := range s.fields {
		for path := range strings.FieldsSeq(paths) {
			at := mappings
			parts := strings.Split(path, ".")
			for _, name := range parts {
				at = child(child(at, "properties"), name)
			}
			at["type"] = typ
		}
	}
	return indexBody{
		settings: map[string]any{"index": map[string]any{"hidden": true, "number_of_shards": "1", "auto_expand_replicas": "0-1"}},
		mappings: mappings,
		aliases:  map[string]any{s.alias: map[string]any{"is_write_index": true, "is_hidden": true}},
	}
}

func systemIndices() []systemIndex {
	filter := func(at string) (keywords, dates, shorts, texts, objects string) {
		keywords = at + "rules.field " + at + "rules.id " + at + "rules.policy " + at + "rules.rule " + at + "rules.value "
		dates = at + "rules.created_at " + at + "rules.updated_at " + at + "advanced_snippet.created_at " + at + "advanced_snippet.updated_at "
		return keywords, dates, at + "rules.order ", at + "validation.errors.messages ", at + "advanced_snippet.value "
	}
	activeK, activeD, activeS, activeT, activeO := filter("filtering.active.")
	draftK, draftD, draftS, draftT, draftO := filter("filtering.draft.")
	jobK, jobD, jobS, jobT, jobO := filter("connector.filtering.")
	pipeline := func(at string) string {
		return at + "pipeline.extract_binary_content " + at + "pipeline.reduce_whitespace " + at + "pipeline.run_ml_inference "
	}
	return []systemIndex{{alias: systemPrefix, fields: map[string]string{
		"keyword": activeK + draftK + "api_key_id error index_name language last_access_control_sync_error last_access_control_sync_status last_sync_error " +
			"last_sync_status name service_type status pipeline.name filtering.domain filtering.active.validation.state filtering.draft.validation.state",
		"date": activeD + draftD + "last_access_control_sync_scheduled_at last_incremental_sync_scheduled_at last_seen last_sync_scheduled_at last_synced",
		"boolean": pipeline("") + "is_native deleted sync_now features.incremental_sync.enabled features.document_level_security.enabled " +
			"features.sync_rules.basic.enabled features.sync_rules.advanced.enabled scheduling.access_control.enabled scheduling.full.enabled scheduling.incremental.enabled",
		"long": "last_deleted_document_count last_indexed_document_count", "short": activeS + draftS,
		"text":   activeT + draftT + "description scheduling.access_control.interval scheduling.full.interval scheduling.incremental.interval",
		"object": activeO + draftO + "configuration custom_scheduling sync_cursor",
	}}, {alias: systemPrefix + "-sync-jobs", fields: map[string]string{
		"keyword": jobK + "connector.id connector.index_name connector.language connector.service_type connector.pipeline.name connector.filtering.domain " +
			"error job_type status trigger_method worker_hostname",
		"date":    jobD + "cancelation_requested_at canceled_at completed_at created_at last_seen started_at",
		"boolean": pipeline("connector."), "short": jobS, "text": jobT,
		"integer": "deleted_document_count indexed_document_count indexed_document_volume total_document_count",
		"object":  jobO + "connector.configuration connector.sync_cursor metadata",
	}}}
}
