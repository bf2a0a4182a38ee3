package rules

import (
	"encoding/json"
)

// Features tells which kinds of rules a connector uses. Rules of the other
// kind are stored, but neither validated nor obeyed.
type Features struct{ Basic, Advanced bool }

// AllFeatures is both kinds, for rules that come with no connector document.
func AllFeatures() Features { return Features{Basic: true, Advanced: true} }

// ParseFeatures reads the features of a connector document, older flat names
// included. What is missing or malformed is off.
func ParseFeatures(raw json.RawMessage) Features {
	var stored struct {
		SyncRules struct {
			Basic    json.RawMessage `json:"basic"`
			Advanced json.RawMessage `json:"advanced"`
		} `json:"sync_rules"`
		Rules    json.RawMessage `json:"filtering_rules"`
		Advanced json.RawMessage `json:"filtering_advanced_config"`
	}
	if json.Unmarshal(raw, &stored) != nil {
		return oldFeatures(raw)
	}
	return Features{
		Basic:    enabled(stored.SyncRules.Basic) || enabled(stored.Rules),
		Advanced: enabled(stored.SyncRules.Advanced) || enabled(stored.Advanced),
	}
}

// oldFeatures reads the flat names where sync_rules is malformed.
func oldFeatures(raw json.RawMessage) Features {
	o, err := parseObject(raw)
	if err != nil {
		return Features{}
	}
	return Features{Basic: enabled(o.get("filtering_rules")), Advanced: enabled(o.get("filtering_advanced_config"))}
}

// enabled reads true and {"enabled": true}.
func enabled(raw json.RawMessage) bool {
	var on struct {
		Enabled bool `json:"enabled"`
	}
	return string(raw) == "true" || json.Unmarshal(raw, &on) == nil && on.Enabled
}
