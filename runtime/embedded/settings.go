package embedded

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// knownSettings are the index settings that are accepted; those that mean nothing on one node are kept and shown.
var knownSettings = []string{
	"number_of_shards", "number_of_replicas", "auto_expand_replicas", "refresh_interval", "max_result_window", "hidden", "codec", "mapping.",
	"analysis.", "lifecycle.", "blocks.", "query.", "routing.", "sort.", "default_pipeline", "final_pipeline", "translog.", "merge.", "max_",
	"gc_deletes", "similarity.", "highlight.", "unassigned.", "indexing.", "search.", "soft_deletes.", "priority", "mode", "knn", "version.",
}

// flattenSettings writes nested or dotted settings into flat ones that begin with "index.".
func flattenSettings(out map[string]string, prefix string, settings map[string]any) error {
	for key, v := range settings {
		name := prefix + key
		if o, nested := v.(map[string]any); nested {
			if err := flattenSettings(out, name+".", o); err != nil {
				return err
			}
			continue
		}
		full := "index." + strings.TrimPrefix(name, "index.")
		if !knownSetting(full) {
			return illegal("unknown setting [%s] please check that any required plugins are installed, or check the breaking changes documentation for removed settings", full)
		}
		if err := checkSetting(full, v); err != nil {
			return err
		}
		switch v := v.(type) {
		case nil:
			delete(out, full)
		case []any:
			for i, e := range v {
				out[full+"."+strconv.Itoa(i)] = fmt.Sprint(e)
			}
		case json.Number:
			out[full] = v.String()
		default:
			out[full] = fmt.Sprint(v)
		}
	}
	return nil
}

// checkSetting refuses values that Elasticsearch refuses, for the settings that this node reads.
func checkSetting(full string, v any) error {
	text := numberText(v)
	least := map[string]int{
		"index.number_of_shards": 1, "index.number_of_replicas": 0, "index.max_result_window": 1, "index.mapping.total_fields.limit": 0,
	}
	if low, isNumber := least[full]; isNumber && v != nil {
		n, err := strconv.Atoi(text)
		if err != nil {
			return illegal("Failed to parse value [%s] for setting [%s]", text, full)
		}
		if n < low {
			return illegal("Failed to parse value [%s] for setting [%s] must be >= %d", text, full, low)
		}
	}
	if strings.HasPrefix(full, "index.blocks.") && v != nil && text != "true" && text != "false" {
		return illegal("Failed to parse value [%s] as only [true] or [false] are allowed.", text)
	}
	if full == "index.refresh_interval" && v != nil && text != "-1" {
		_, err := parseTime(text, full)
		return err
	}
	return nil
}

func knownSetting(full string) bool {
	name := strings.TrimPrefix(full, "index.")
	for _, known := range knownSettings {
		if name == known || strings.HasSuffix(known, ".") && strings.HasPrefix(name, known) || strings.HasSuffix(known, "_") && strings.HasPrefix(name, known) {
			return true
		}
	}
	return false
}

// showSettings is what GET _settings answers for an index.
func (ix *index) showSettings(flat bool) map[string]any {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	all := map[string]string{
		"index.number_of_shards": "1", "index.number_of_replicas": "1", "index.uuid": ix.uuid, "index.provided_name": ix.name,
		"index.creation_date": strconv.FormatInt(ix.created, 10), "index.version.created": "8536000",
		"index.routing.allocation.include._tier_preference": "data_content",
	}
	maps.Copy(all, ix.settings)
	if flat {
		out := map[string]any{}
		for k, v := range all {
			out[k] = v
		}
		return out
	}
	return nestSettings(all)
}

// nestSettings turns dotted names into objects.
func nestSettings(flat map[string]string) map[string]any {
	out := map[string]any{}
	for _, k := range slices.Sorted(maps.Keys(flat)) {
		at := out
		parts := strings.Split(k, ".")
		for _, p := range parts[:len(parts)-1] {
			at = child(at, p)
		}
		at[parts[len(parts)-1]] = flat[k]
	}
	return out
}

func getSettings(c *call) (reply, error) {
	list, err := c.targets()
	if err != nil {
		return reply{}, err
	}
	out := map[string]any{}
	for _, ix := range list {
		out[ix.name] = map[string]any{"settings": ix.showSettings(c.flag("flat_settings"))}
	}
	return ok(out)
}

// fixedSettings can be given only when an index is made.
var fixedSettings = []string{"index.number_of_shards", "index.codec", "index.sort.", "index.analysis.", "index.mode"}

func putSettings(c *call) (reply, error) {
	o, err := c.object()
	if err != nil {
		return reply{}, err
	}
	if inner, isObject := o["settings"].(map[string]any); isObject {
		o = inner
	}
	changes := map[string]string{}
	if err := flattenSettings(changes, "", o); err != nil {
		return reply{}, err
	}
	list, err := c.targets()
	if err != nil {
		return reply{}, err
	}
	c.node.admin.Lock()
	defer c.node.admin.Unlock()
	for _, ix := range list {
		for name := range changes {
			for _, fixed := range fixedSettings {
				if strings.HasPrefix(name, fixed) {
					return reply{}, illegal("Can't update non dynamic settings [[%s]] for open indices [[%s/%s]]", name, ix.name, ix.uuid)
				}
			}
		}
		ix.mu.Lock()
		next := maps.Clone(ix.settings)
		ix.mu.Unlock()
		if next == nil {
			next = map[string]string{}
		}
		if err := flattenSettings(next, "", o); err != nil {
			return reply{}, err
		}
		ix.mu.Lock()
		ix.settings = next
		ix.mu.Unlock()
		if err := c.node.write(0, func(w *writeTx) error { return w.putMeta(ix) }); err != nil {
			return reply{}, err
		}
	}
	return ok(map[string]any{"acknowledged": true})
}
