package embedded

// normal returns a mapping as Elasticsearch shows it: without parameters that have their default value,
// flags in the form it prints them. What it returns means the same as def.
func normal(def map[string]any) map[string]any {
	out := make(map[string]any, len(def))
	for key, v := range def {
		switch key {
		case "properties", "fields":
			props, _ := v.(map[string]any)
			shown := make(map[string]any, len(props))
			for name, d := range props {
				if one, isObject := d.(map[string]any); isObject {
					shown[name] = normal(one)
				}
			}
			if len(shown) > 0 {
				out[key] = shown
			}
		case "dynamic":
			out[key] = boolText(v)
		case "index", "doc_values", "enabled", "coerce":
			if boolText(v) != "true" {
				out[key] = false
			}
		case "store", "ignore_malformed":
			if boolText(v) == "true" {
				out[key] = true
			}
		default:
			out[key] = v
		}
	}
	if out["type"] == "object" && out["properties"] != nil {
		delete(out, "type")
	}
	if out["type"] == nil && out["properties"] == nil && def["properties"] != nil && len(out) == 0 {
		out["type"] = "object"
	}
	return out
}

// normalRoot is normal for a whole mapping.
func normalRoot(def map[string]any) map[string]any {
	out := normal(def)
	if def["type"] == nil {
		delete(out, "type")
	}
	return out
}
