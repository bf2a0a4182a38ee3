// Package rules is basic sync rules: which documents of a source are indexed,
// as Kibana stores the rules in connector documents, and the checks of a
// connector's whole filtering, advanced rules included.
package rules

import (
	"encoding/json"
	"fmt"
	"strings"
)

// DefaultID is the id of the rule that decides when no other one matches.
const DefaultID = "DEFAULT"

// Rule is a basic rule as it is stored. Make rules with [Parse].
type Rule struct {
	ID     string `json:"id"`
	Policy string `json:"policy"` // include or exclude, in any case
	Field  string `json:"field"`  // a name, or a path with dots
	Rule   string `json:"rule"`   // the operator, in any case
	Value  string `json:"value"`
	// Order tells which rule is asked first; equal ones go by position.
	Order     json.Number `json:"order"`
	CreatedAt string      `json:"created_at,omitempty"`
	UpdatedAt string      `json:"updated_at,omitempty"`

	position int  // in the stored list, from 1; 0: by the list given to Compile
	always   bool // its regex matches whatever the field holds
}

// The operators.
const (
	Equals      = "equals"
	StartsWith  = "starts_with"
	EndsWith    = "ends_with"
	Contains    = "contains"
	Regex       = "regex"
	GreaterThan = ">"
	LessThan    = "<"
)

// operator returns the operator in lower case and whether there is one.
func (r *Rule) operator() (string, bool) {
	name := strings.ToLower(r.Rule)
	switch name {
	case Equals, StartsWith, EndsWith, Contains, Regex, GreaterThan, LessThan:
		return name, true
	}
	return name, false
}

// includes reports what the policy says, and whether it says anything.
func (r *Rule) includes() (include, known bool) {
	switch strings.ToLower(r.Policy) {
	case "include":
		return true, true
	case "exclude":
		return false, true
	}
	return false, false
}

// fieldProblem says what is wrong with a field's name, or nothing.
func fieldProblem(field string) string {
	switch levels := 1 + strings.Count(field, "."); {
	case field == "":
		return "field must not be empty"
	case len(field) > maxField:
		return fmt.Sprintf("field has %d bytes, of which at most %d are allowed", len(field), maxField)
	case levels > maxLevels:
		return fmt.Sprintf("field reaches %d levels deep, of which at most %d are allowed", levels, maxLevels)
	}
	return ""
}

// String says what the rule does: exclude path ends_with ".tmp".
func (r *Rule) String() string {
	name, _ := r.operator()
	return fmt.Sprintf("%s %s", strings.ToLower(r.Policy), r.condition(name))
}

func (r *Rule) condition(operator string) string {
	return fmt.Sprintf("%s %s %s", shorten(r.Field), operator, quote(r.Value))
}

// label names the rule for people: by its position, and by what they see.
func (r *Rule) label() string {
	name, _ := r.operator()
	return fmt.Sprintf("%s (%s)", position(r.position), r.condition(name))
}

func position(n int) string { return fmt.Sprintf("basic rule %d", n) }

// Position is the rule's place in the stored list, from 1; 0 when it was not
// made by [Parse].
func (r *Rule) Position() int { return r.position }
