package rules

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tributary-search/tributary/runtime/connector"
)

// Validators are what a source adds to the default validators of a filter.
type Validators struct {
	// Rule checks are called with each basic rule, Set checks with the list
	// of them; both see only rules of the right shape, the default one too.
	// In a problem of a Set check the pointer "/2" names the third rule.
	Rule, Set []connector.RulesValidator
	// Schema is the generated check of advanced rules; nil when the source
	// has none. It is called with their text.
	Schema func(json.RawMessage) connector.Problems
	// Advanced are the checks that need the live system. They run in order
	// once Schema has found nothing.
	Advanced []connector.RulesValidator
}

// ValidatorsOf returns the checks that a kind of source and, once it is open,
// the source itself add to the default ones. Without an open source (nil) only
// the schema of the advanced rules is known.
func ValidatorsOf(kind connector.Kind, source connector.Source) Validators {
	v := Validators{Schema: kind.CheckRules}
	if s, ok := source.(connector.BasicRulesValidators); ok {
		v.Rule, v.Set = s.BasicRulesValidators()
	}
	if s, ok := source.(connector.AdvancedRulesValidators); ok {
		v.Advanced = s.AdvancedRulesValidators()
	}
	return v
}

// Validate runs the default validators, then those of the source, and reports
// every problem. Parts whose feature is off are not looked at.
func (f Filter) Validate(ctx context.Context, features Features, v Validators) Validation {
	errors, warnings := slices.Clone(f.broken), slices.Clone(f.warnings)
	if features.Basic {
		rules, checked := check(f.rules)
		own, noted := v.basic(ctx, rules)
		errors = append(append(errors, checked.Errors...), own...)
		warnings = append(append(warnings, checked.Warnings...), noted...)
	} else if !empty(f.rules) {
		warnings = append(warnings, report("", "basic rules are switched off for this connector and not looked at"))
	}
	switch {
	case !f.HasAdvanced():
	case features.Advanced:
		own, noted := v.advanced(ctx, f)
		errors, warnings = append(errors, own...), append(warnings, noted...)
	default:
		warnings = append(warnings, report(AdvancedID, "advanced rules are switched off for this connector and not looked at"))
	}
	return result(f.placed(errors), warnings)
}

// placed says in which lines of a file the rules begin that have errors.
func (f Filter) placed(errors []Error) []Error {
	if !f.isFile {
		return errors
	}
	lines := itemLines(f.rules)
	for i, e := range errors {
		if e.position > 0 && e.position <= len(lines) {
			errors[i].Line = f.above + lines[e.position-1]
		}
	}
	return errors
}

// itemLines are the lines in which the items of a list begin, from 1.
func itemLines(list json.RawMessage) (lines []int) {
	dec := json.NewDecoder(bytes.NewReader(list))
	if _, err := dec.Token(); err != nil {
		return nil
	}
	for dec.More() {
		start := int(dec.InputOffset())
		start += len(list[start:]) - len(bytes.TrimLeft(list[start:], ", \t\r\n"))
		lines = append(lines, 1+bytes.Count(list[:start], []byte("\n")))
		if err := dec.Decode(new(json.RawMessage)); err != nil {
			return lines
		}
	}
	return lines
}

// basic runs the source's checks of basic rules.
func (v Validators) basic(ctx context.Context, rules []Rule) (errors, warnings []Error) {
	if len(v.Rule)+len(v.Set) == 0 || len(rules) == 0 {
		return nil, nil
	}
	for i := range rules {
		raw, _ := json.Marshal(rules[i]) // plain text and a checked number
		for _, check := range v.Rule {
			for _, p := range check(ctx, raw) {
				errors, warnings = file(p, report(rules[i].ID, rules[i].label()+": "+problemText(p)).of(rules[i].position), errors, warnings)
			}
		}
	}
	raw, _ := json.Marshal(rules)
	for _, check := range v.Set {
		for _, p := range check(ctx, raw) {
			errors, warnings = file(p, setProblem(rules, p), errors, warnings)
		}
	}
	return errors, warnings
}

// file puts what was found with the errors or with the warnings.
func file(p connector.Problem, e Error, errors, warnings []Error) (es, ws []Error) {
	if p.Warning {
		return errors, append(warnings, e)
	}
	return append(errors, e), warnings
}

// setProblem names the rule that a problem's pointer begins with.
func setProblem(rules []Rule, p connector.Problem) Error {
	first, rest, more := strings.Cut(strings.TrimPrefix(p.Pointer, "/"), "/")
	i, err := strconv.Atoi(first)
	if err != nil || i < 0 || i >= len(rules) {
		return report("", "basic rules: "+problemText(p))
	}
	if p.Pointer = ""; more {
		p.Pointer = "/" + rest
	}
	return report(rules[i].ID, rules[i].label()+": "+problemText(p)).of(rules[i].position)
}

// advanced runs the schema check and, where it finds nothing, the live ones.
// Each check that finds something is one error.
func (v Validators) advanced(ctx context.Context, f Filter) (errors, warnings []Error) {
	if v.Schema == nil {
		return []Error{report(AdvancedID, "advanced rules: this source has none; delete them")}, nil
	}
	if len(f.advanced) > maxAdvanced {
		return []Error{report(AdvancedID, fmt.Sprintf("advanced rules: they have %d bytes, of which at most %d are allowed", len(f.advanced), maxAdvanced))}, nil
	}
	collect := func(problems connector.Problems) {
		var bad, harmless []string
		for _, p := range problems {
			if text := "advanced rules: " + problemText(p); p.Warning {
				harmless = append(harmless, text)
			} else {
				bad = append(bad, text)
			}
		}
		if len(bad) > 0 {
			errors = append(errors, report(AdvancedID, listed(bad)...))
		}
		if len(harmless) > 0 {
			warnings = append(warnings, report(AdvancedID, listed(harmless)...))
		}
	}
	if collect(v.Schema(f.shown)); len(errors) > 0 {
		return errors, warnings
	}
	for _, check := range v.Advanced {
		collect(check(ctx, f.advanced))
	}
	return errors, warnings
}

// maxMessages is how many problems one check of advanced rules lists.
const maxMessages = 100

func listed(messages []string) []string {
	if more := len(messages) - maxMessages; more > 0 {
		return append(messages[:maxMessages:maxMessages], fmt.Sprintf("advanced rules: %d more problems are not listed", more))
	}
	return messages
}

// problemText is a problem with its place.
func problemText(p connector.Problem) string {
	text := p.String()
	if p.Label != "" && p.Pointer != "" {
		text = p.Pointer + ": " + text
	}
	if p.Line > 0 {
		text += fmt.Sprintf(" (%d:%d)", p.Line, p.Column)
	}
	return text
}
