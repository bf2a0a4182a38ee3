package embedded

import "net/http"

// version is the Elasticsearch whose behaviour this node follows.
const (
	version   = "8.19.0"
	version91 = "9.1.0"
)

func info(c *call) (reply, error) {
	number, wire, oldest := version, "7.17.0", "7.0.0"
	if c.node.opts.Mode == Mode91 {
		number, wire, oldest = version91, "8.19.0", "8.0.0"
	}
	return ok(map[string]any{
		"name": "tributary", "cluster_name": "tributary-embedded", "cluster_uuid": c.node.uuid,
		"version": map[string]any{
			"number": number, "build_flavor": "default", "build_type": "embedded", "build_hash": "tributary",
			"build_date": "2026-01-01T00:00:00.000000000Z", "build_snapshot": false, "lucene_version": "9.12.2",
			"minimum_wire_compatibility_version": wire, "minimum_index_compatibility_version": oldest,
		},
		"tagline": "You Know, for Search",
	})
}

func clusterHealth(c *call) (reply, error) {
	c.node.mu.RLock()
	shards := len(c.node.indices)
	c.node.mu.RUnlock()
	return reply{status: http.StatusOK, body: map[string]any{
		"cluster_name": "tributary-embedded", "status": "green", "timed_out": false, "number_of_nodes": 1, "number_of_data_nodes": 1,
		"active_primary_shards": shards, "active_shards": shards, "relocating_shards": 0, "initializing_shards": 0, "unassigned_shards": 0,
		"unassigned_primary_shards": 0, "delayed_unassigned_shards": 0, "number_of_pending_tasks": 0, "number_of_in_flight_fetch": 0,
		"task_max_waiting_in_queue_millis": 0, "active_shards_percent_as_number": 100.0,
	}}, nil
}
