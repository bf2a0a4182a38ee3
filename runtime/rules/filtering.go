package rules

import (
	"bytes"
	"context"
	"encoding/json"
)

// DefaultDomain is the domain of a connector's filtering that counts.
const DefaultDomain = "DEFAULT"

// Filtering is the filtering of a connector document: a list of domains, each
// with the rules in use (active) and those that a person works on (draft). It
// keeps everything that it does not know.
type Filtering struct {
	entries []object
	at      int // of the default domain, or -1
	broken  []Error
}

// ParseFiltering reads a connector document's filtering. Missing parts are
// valid; what is malformed is reported when it is validated.
func ParseFiltering(raw json.RawMessage) Filtering {
	f := Filtering{at: -1}
	if missing(raw) {
		return f
	}
	if problem := textProblem(raw); problem != "" {
		f.broken = []Error{report("", problem)}
		return f
	}
	list, err := parseList(raw)
	if err != nil {
		f.broken = []Error{report("", "filtering must be a list of domains: "+err.Error())}
		return f
	}
	nameless := -1
	for i, item := range list {
		o, err := parseObject(item)
		if err != nil {
			f.broken = append(f.broken, report("", "filtering: a domain must be an object, not "+describe(item)))
			return Filtering{at: -1, broken: f.broken}
		}
		f.entries = append(f.entries, o)
		var domain string
		named := json.Unmarshal(o.get("domain"), &domain) == nil && domain != ""
		switch {
		case domain == DefaultDomain && f.at < 0:
			f.at = i
		case !named && nameless < 0:
			nameless = i
		}
	}
	if f.at < 0 {
		f.at = nameless
	}
	return f
}

// Active is the rules in use.
func (f Filtering) Active() Filter { return f.part("active") }

// Draft is the rules that a person works on.
func (f Filtering) Draft() Filter { return f.part("draft") }

func (f Filtering) part(name string) Filter {
	if f.at < 0 {
		return Filter{State: Valid, broken: f.broken}
	}
	raw := f.entries[f.at].get(name)
	if missing(raw) {
		return Filter{State: Valid}
	}
	if raw[0] != '{' {
		return brokenFilter("filtering: " + name + " must be an object, not " + describe(raw))
	}
	return parseFilter(raw, indented)
}

// indented is how Kibana's editor shows advanced rules.
func indented(value json.RawMessage) []byte {
	var b bytes.Buffer
	if len(value) == 0 || json.Indent(&b, value, "", "  ") != nil {
		return value
	}
	return b.Bytes()
}

// Outcome is what a validated draft makes of a connector document.
type Outcome struct {
	// Validation is to be stored with the draft.
	Validation Validation
	// Activate tells that the draft is valid and becomes the active rules.
	Activate bool
	// Filtering is the whole field with both done, for a connector document
	// that is written directly.
	Filtering json.RawMessage
}

// Validate checks a draft that a person has edited and says what is to be
// stored. It reports false when there is nothing to do: no draft waits, or
// the connector uses no rules.
func (f Filtering) Validate(ctx context.Context, features Features, v Validators) (Outcome, bool) {
	if features == (Features{}) || f.at < 0 {
		return Outcome{}, false
	}
	draft := f.Draft()
	if draft.State != Edited {
		return Outcome{}, false
	}
	out := Outcome{Validation: draft.Validate(ctx, features, v)}
	out.Activate = out.Validation.State == Valid
	out.Filtering = f.with(out)
	return out, true
}

// with returns the filtering with an outcome stored in it.
func (f Filtering) with(out Outcome) json.RawMessage {
	entry := append(object(nil), f.entries[f.at]...)
	draft, err := parseObject(entry.get("draft"))
	if err != nil {
		return nil // Validate has parsed it
	}
	validation, _ := json.Marshal(out.Validation) // lists of text
	stored := draft.set("validation", validation).text()
	if entry = entry.set("draft", stored); out.Activate {
		entry = entry.set("active", stored)
	}
	return f.replaced(entry)
}
