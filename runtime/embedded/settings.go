package embedded

import (
	"encoding/json"
	"fmt"
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
	}
	for k, v := range ix.settings {
		all[k] = v
	}
	out := map[string]any{}
	for k, v := range all {
		if flat {
			out[k] = v
			continue
		}
		at := out
		parts := strings.Split(k, ".")
		for _, p := range parts[:len(parts)-1] {
			at = child(at, p)
		}
		at[parts[len(parts)-1]] = v
	}
	return out
}
