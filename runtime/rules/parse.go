package rules

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Parse reads a stored list of basic rules and returns the rules that have
// the right shape. The errors are every problem of shape, one error for each
// rule, which they name by its position. No text, null and [] are no rules.
func Parse(raw json.RawMessage) ([]Rule, []Error) {
	if missing(raw) {
		return nil, nil
	}
	if text := bytes.TrimSpace(raw); text[0] != '[' && json.Valid(text) {
		return nil, []Error{report("", "basic rules must be a list, not "+describe(raw))}
	}
	list, err := parseList(raw)
	switch {
	case err != nil:
		return nil, []Error{report("", "basic rules are not JSON: "+err.Error())}
	case len(list) > maxRules:
		return nil, []Error{report("", fmt.Sprintf("basic rules: there are %d, of which at most %d are allowed", len(list), maxRules))}
	}
	var rules []Rule
	var errors []Error
	more := 0
	for i, item := range list {
		rule, problems := parseRule(item)
		if rule.position = i + 1; len(problems) == 0 {
			rules = append(rules, rule)
			continue
		}
		if len(errors) == maxErrors {
			more++
			continue
		}
		name := position(i + 1)
		for k, p := range problems {
			problems[k] = name + ": " + p
		}
		errors = append(errors, report(rule.ID, problems...).of(i+1))
	}
	if more > 0 {
		errors = append(errors, unlisted(more))
	}
	return rules, errors
}

// parseRule reads one rule and returns every problem of its shape.
func parseRule(raw json.RawMessage) (r Rule, problems []string) {
	if raw[0] != '{' {
		return r, []string{"it must be an object, not " + describe(raw)}
	}
	o, err := parseObject(raw)
	if err != nil {
		return r, []string{err.Error()}
	}
	for _, name := range o.twice() {
		problems = append(problems, fmt.Sprintf("%s is given twice", quote(name)))
	}
	texts := []struct {
		name string
		to   *string
		most int
	}{{"id", &r.ID, maxID}, {"policy", &r.Policy, maxID}, {"field", &r.Field, maxField}, {"rule", &r.Rule, maxID}, {"value", &r.Value, maxValue}}
	for _, t := range texts {
		problem := ""
		if *t.to, problem = text(o, t.name, t.most); problem != "" {
			problems = append(problems, problem)
		}
	}
	if r.Order, err = number(o.get("order")); err != nil {
		problems = append(problems, err.Error())
	}
	r.CreatedAt, r.UpdatedAt = optional(o.get("created_at")), optional(o.get("updated_at"))
	return r, append(problems, unknownWords(&r)...)
}

// text returns a member that must be text, not empty and not longer than so
// many bytes, or what is wrong. What is too long is not returned.
func text(o object, name string, most int) (s, problem string) {
	raw := o.get(name)
	switch {
	case raw == nil:
		return "", name + " is missing"
	case !isText(raw):
		return "", fmt.Sprintf("%s must be text, not %s", name, describe(raw))
	}
	s, err := parseText(raw)
	if err != nil {
		return "", fmt.Sprintf("%s: %v", name, err)
	}
	if s == "" {
		return "", name + " must not be empty"
	}
	if problem = tooLong(name, s, most); problem != "" {
		return "", problem
	}
	return s, ""
}

func tooLong(name, text string, most int) (problem string) {
	if len(text) > most {
		problem = fmt.Sprintf("%s has %d bytes, of which at most %d are allowed", name, len(text), most)
	}
	return problem
}

func number(raw json.RawMessage) (json.Number, error) {
	switch {
	case raw == nil:
		return "", fmt.Errorf("order is missing")
	case !isNumber(raw):
		return "", fmt.Errorf("order must be a number, not %s", describe(raw))
	}
	if _, ok := parseDecimal(raw); !ok || len(raw) > maxNumber {
		return "", fmt.Errorf("order is out of range")
	}
	return json.Number(raw), nil
}

// optional returns a member that is kept as text where it is text.
func optional(raw json.RawMessage) (s string) {
	if raw != nil && isText(raw) {
		s, _ = parseText(raw) // it was valid JSON text when it was split
	}
	return s
}

// unknownWords returns what is wrong with policy, field and operator, where
// they are text.
func unknownWords(r *Rule) (problems []string) {
	if _, known := r.includes(); !known && r.Policy != "" {
		problems = append(problems, fmt.Sprintf("policy must be include or exclude, not %s", quote(r.Policy)))
	}
	if problem := fieldProblem(r.Field); problem != "" && r.Field != "" {
		problems = append(problems, problem)
	}
	if name, known := r.operator(); !known && r.Rule != "" {
		allowed := []string{Equals, StartsWith, EndsWith, Contains, Regex, GreaterThan, LessThan}
		problem := fmt.Sprintf("rule must be one of %s, not %s", strings.Join(allowed, ", "), quote(r.Rule))
		if meant := meantOperator(name); meant != "" {
			problem += fmt.Sprintf("; write %q", meant)
		}
		problems = append(problems, problem)
	}
	return problems
}

// meantOperator returns the operator that another product's word stands for.
func meantOperator(name string) string {
	words := map[string][]string{
		GreaterThan: {"greater_than", "greater than", "gt", "after"},
		LessThan:    {"less_than", "less than", "lt", "before"},
		Equals:      {"equal", "equals_to", "=", "==", "is", "eq"},
		StartsWith:  {"starts with", "startswith", "prefix", "begins_with"},
		EndsWith:    {"ends with", "endswith", "suffix"},
		Contains:    {"contain", "includes", "include"},
		Regex:       {"regexp", "matches", "pattern"},
	}
	for operator, others := range words {
		if slices.Contains(others, name) {
			return operator
		}
	}
	return ""
}
