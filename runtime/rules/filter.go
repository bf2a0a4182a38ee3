package rules

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tributary-search/tributary/runtime/connector"
)

// Filter is basic and advanced rules together: the draft or the active ones of
// a connector, those of a sync job, or a file of rules. Its zero value is no
// rules and valid.
type Filter struct {
	// State is the state as it is stored; valid where nothing is.
	State State

	rules    json.RawMessage
	above    int  // lines of the text above those of the rules
	isFile   bool // the lines are those that a person sees
	advanced json.RawMessage
	// shown is the advanced rules as a person sees them, for positions.
	shown    []byte
	broken   []Error // what is no filter at all
	warnings []Error
}

// ParseFilter reads a filter from a file or from a sync job:
//
//	{"rules": […], "advanced_snippet": {"value": …}, "validation": {"state": …}}
//
// Every part may be missing. A bare list of rules, a list with one filter, and
// a connector's whole filtering (of which the draft counts) are accepted. What
// is malformed is reported by [Filter.Validate].
func ParseFilter(text []byte) Filter {
	if missing(text) {
		return Filter{State: Valid}
	}
	if problem := cmp.Or(textProblem(text), syntaxProblem(text)); problem != "" {
		return brokenFilter(problem)
	}
	switch trimmed := bytes.TrimSpace(text); trimmed[0] {
	case '[':
		return parseListed(text)
	case '{':
		return parseFilter(text, nil)
	}
	return brokenFilter("filtering must be an object or a list of basic rules, not " + describe(text))
}

func brokenFilter(problem string) Filter {
	return Filter{State: Valid, broken: []Error{report("", problem)}}
}

// syntaxProblem says where a text is not JSON, or nothing.
func syntaxProblem(text []byte) string {
	if json.Valid(text) {
		return ""
	}
	var whole json.RawMessage
	err := json.Unmarshal(text, &whole)
	if !utf8.Valid(text) {
		return "filtering is not JSON: it is not UTF-8 text"
	}
	var broken *json.SyntaxError
	if errors.As(err, &broken) {
		before := text[:min(int(broken.Offset), len(text))]
		line := 1 + bytes.Count(before, []byte("\n"))
		return fmt.Sprintf("filtering is not JSON: %v (line %d)", err, line)
	}
	return fmt.Sprintf("filtering is not JSON: %v", err)
}

// parseListed reads a list: of rules, of filters, or of domains.
func parseListed(text []byte) Filter {
	list, err := parseList(text)
	if err == nil && len(list) > 0 && list[0][0] == '{' {
		if o, err := parseObject(list[0]); err == nil {
			switch {
			case o.get("draft") != nil || o.get("active") != nil || o.get("domain") != nil:
				return ParseFiltering(text).Draft()
			case o.get("rules") != nil || o.get("advanced_snippet") != nil:
				f := parseFilter(list[0], nil)
				f.isFile = false // its lines are not those of the text
				return f
			}
		}
	}
	return Filter{State: Valid, rules: text, isFile: true}
}

// parseFilter reads an object. Where shown is nil, advanced rules are shown as
// they stand in the text.
func parseFilter(text []byte, shown func(json.RawMessage) []byte) Filter {
	f := Filter{State: Valid}
	o, err := parseObject(text)
	if err != nil {
		return brokenFilter("filtering must be an object with rules, advanced_snippet and validation: " + err.Error())
	}
	if shown == nil && (o.get("draft") != nil || o.get("active") != nil) {
		return ParseFiltering(slices.Concat([]byte("["), text, []byte("]"))).Draft()
	}
	for _, name := range o.twice() {
		f.broken = append(f.broken, report("", "filtering: "+quote(name)+" is given twice"))
	}
	f.unknownNames(o)
	f.rules = o.get("rules")
	f.above, f.isFile = bytes.Count(text[:o.start("rules")], []byte("\n")), shown == nil
	f.State = parseState(o.get("validation"))
	snippet := o.get("advanced_snippet")
	if missing(snippet) {
		return f
	}
	inner, err := parseObject(snippet)
	if err != nil {
		f.broken = append(f.broken, report(AdvancedID, "advanced_snippet must be an object with the rules under value, not "+describe(snippet)))
		return f
	}
	for _, name := range inner.twice() {
		f.broken = append(f.broken, report(AdvancedID, "advanced_snippet: "+quote(name)+" is given twice"))
	}
	f.advanced = inner.get("value")
	if shown != nil {
		f.shown = shown(f.advanced)
		return f
	}
	f.shown = append(blank(text[:o.start("advanced_snippet")+inner.start("value")]), f.advanced...)
	return f
}

// unknownNames reports names that mean nothing here: they may be misspelt.
func (f *Filter) unknownNames(o object) {
	known := 0
	for _, m := range o {
		switch m.name {
		case "rules", "advanced_snippet", "validation":
			known++
		default:
			f.warnings = append(f.warnings, report("", "filtering: "+quote(m.name)+" is not known and not looked at"))
		}
	}
	if known == 0 && len(o) > 0 {
		f.broken = append(f.broken, report("", "filtering must hold rules or advanced_snippet; there is only "+quote(o[0].name)))
	}
}

// start returns where the value of a name begins in the object's text.
func (o object) start(name string) int {
	for i := len(o) - 1; i >= 0; i-- {
		if o[i].name == name {
			return o[i].start
		}
	}
	return 0
}

// blank returns spaces and line breaks that take the place of a text.
func blank(text []byte) []byte {
	return []byte(strings.Map(func(r rune) rune {
		if r == '\n' {
			return r
		}
		return ' '
	}, string(text)))
}

// parseState reads a stored validation. One that is missing is valid; one of
// an unknown state waits to be validated.
func parseState(raw json.RawMessage) State {
	var stored struct {
		State *string `json:"state"`
	}
	switch err := json.Unmarshal(raw, &stored); {
	case missing(raw), err == nil && stored.State == nil:
		return Valid
	case err != nil:
		return Edited
	}
	switch s := State(strings.ToLower(*stored.State)); s {
	case Valid, Invalid, Edited:
		return s
	}
	return Edited
}

// Compile makes the basic rules ready for one job; nil where there are none
// or the feature is off. It refuses rules that the default validators find
// malformed.
func (f Filter) Compile(features Features) (*Set, error) {
	if len(f.broken) > 0 {
		return nil, result(f.broken, nil).Err()
	}
	if !features.Basic {
		return nil, nil
	}
	rules, problems := Parse(f.rules)
	if len(problems) > 0 {
		return nil, result(problems, nil).Err()
	}
	if len(rules) == 0 {
		return nil, nil
	}
	return Compile(rules)
}

// Source is the part of the filter that the source obeys.
func (f Filter) Source(features Features) connector.Filter {
	if !features.Advanced || !f.HasAdvanced() {
		return connector.Filter{}
	}
	return connector.Filter{AdvancedRules: f.advanced}
}

// HasAdvanced reports whether there are advanced rules.
func (f Filter) HasAdvanced() bool { return !empty(f.advanced) }
