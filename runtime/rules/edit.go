package rules

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Edit returns the filtering with a draft that waits to be validated, in the
// place of the one that was there; the rules in use stay. Rules get times, and
// the list a default rule, where they lack them: Kibana and Elastic's service
// want both. at is the time as connector documents hold it.
//
// The error is what is wrong with the stored filtering, or with the shape of
// the draft: check it with [Filter.Validate] first.
func (f Filtering) Edit(draft Filter, at string) (json.RawMessage, error) {
	if len(f.broken) > 0 {
		return nil, errors.New(f.broken[0].Messages[0])
	}
	list, err := dated(draft.rules, at)
	if err != nil {
		return nil, fmt.Errorf("rules: %w", err)
	}
	advanced := draft.advanced
	if missing(advanced) {
		advanced = json.RawMessage("{}")
	}
	text, _ := json.Marshal(map[string]any{ // texts and checked JSON
		"advanced_snippet": map[string]any{"created_at": at, "updated_at": at, "value": advanced},
		"rules":            list,
		"validation":       Validation{State: Edited},
	})
	if f.at < 0 {
		f.entries = append(f.entries, object{
			{name: "domain", value: json.RawMessage(`"` + DefaultDomain + `"`)},
			{name: "active", value: noRules(at)},
		})
		f.at = len(f.entries) - 1
	}
	return f.replaced(append(object(nil), f.entries[f.at]...).set("draft", text)), nil
}

// replaced returns the filtering with another entry of the default domain.
func (f Filtering) replaced(entry object) json.RawMessage {
	list := []byte{'['}
	for i, e := range f.entries {
		if i > 0 {
			list = append(list, ',')
		}
		if i == f.at {
			e = entry
		}
		list = append(list, e.text()...)
	}
	return append(list, ']')
}

// noRules is a filter that keeps every document.
func noRules(at string) json.RawMessage {
	list, _ := dated(nil, at)
	text, _ := json.Marshal(map[string]any{
		"advanced_snippet": map[string]any{"created_at": at, "updated_at": at, "value": map[string]any{}},
		"rules":            list, "validation": Validation{State: Valid},
	})
	return text
}

// dated returns a list of rules, each with its times, the default one last.
func dated(raw json.RawMessage, at string) ([]json.RawMessage, error) {
	var items []json.RawMessage
	if !missing(raw) {
		var err error
		if items, err = parseList(raw); err != nil {
			return nil, err
		}
	}
	list, hasDefault := []json.RawMessage{}, false
	now, _ := json.Marshal(at)
	for _, item := range items {
		o, err := parseObject(item)
		if err != nil {
			return nil, err
		}
		var id string
		_ = json.Unmarshal(o.get("id"), &id) // what is no text is not the default rule's id
		hasDefault = hasDefault || id == DefaultID
		for _, name := range []string{"created_at", "updated_at"} {
			if missing(o.get(name)) {
				o = o.set(name, now)
			}
		}
		list = append(list, o.text())
	}
	if hasDefault {
		return list, nil
	}
	rule, err := json.Marshal(Rule{
		ID: DefaultID, Policy: "include", Field: "_", Rule: Regex, Value: ".*",
		Order: json.Number(fmt.Sprint(len(list))), CreatedAt: at, UpdatedAt: at,
	})
	return append(list, rule), err
}
