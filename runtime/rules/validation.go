package rules

import (
	"encoding/json"
	"fmt"

	"github.com/tributary-search/tributary/runtime/connector"
)

// State is where the validation of a filter stands.
type State string

// The states as connector documents hold them.
const (
	Valid   State = "valid"
	Invalid State = "invalid"
	Edited  State = "edited" // by a person, not validated yet
)

// AdvancedID is the id under which problems of advanced rules are reported.
const AdvancedID = "advanced_snippet"

// maxErrors is how many errors one validation lists.
const maxErrors = 1000

// Validation is the result of checking a filter, in the shape in which
// connector documents hold it.
type Validation struct {
	State  State   `json:"state"`
	Errors []Error `json:"errors"`
	// Warnings do no harm and are not stored.
	Warnings []Error `json:"-"`
}

// Error is what is wrong with one rule, or with several together.
type Error struct {
	// IDs are the ids of the rules, or [AdvancedID]; empty when the rule has
	// no id. The messages name the rule by its position too.
	IDs      []string `json:"ids"`
	Messages []string `json:"messages"`
	// Line is where the rule, or the first of several, begins in the text that
	// was parsed, from 1; 0 where it is of no one rule, or of no file.
	Line int `json:"-"`

	position int // of the rule in the list, from 1; 0: of no one
}

// of says which rule an error is about.
func (e Error) of(position int) Error {
	e.position = position
	return e
}

// MarshalJSON writes empty lists, never null.
func (v Validation) MarshalJSON() ([]byte, error) {
	type plain Validation
	if v.Errors == nil {
		v.Errors = []Error{}
	}
	return json.Marshal(plain(v))
}

// MarshalJSON writes empty lists, never null.
func (e Error) MarshalJSON() ([]byte, error) {
	type plain Error
	if e.IDs == nil {
		e.IDs = []string{}
	}
	if e.Messages == nil {
		e.Messages = []string{}
	}
	return json.Marshal(plain(e))
}

// Err returns the errors of an invalid filter as one error, or nil.
func (v Validation) Err() error {
	var problems connector.Problems
	for _, e := range v.Errors {
		for _, m := range e.Messages {
			problems = append(problems, connector.Problem{Message: m, Line: e.Line})
		}
	}
	return problems.Err()
}

// result makes a validation of errors and warnings.
func result(errors, warnings []Error) Validation {
	v := Validation{State: Valid, Errors: limit(errors), Warnings: limit(warnings)}
	if len(errors) > 0 {
		v.State = Invalid
	}
	return v
}

func limit(errors []Error) []Error {
	if len(errors) <= maxErrors+1 { // the last one may say how many more there are
		return errors
	}
	return append(errors[:maxErrors:maxErrors], unlisted(len(errors)-maxErrors))
}

func unlisted(n int) Error {
	return Error{Messages: []string{fmt.Sprintf("basic rules: %d more problems are not listed", n)}}
}

// report makes an error about one rule; an empty id is left out.
func report(id string, messages ...string) Error {
	e := Error{Messages: messages}
	if id != "" {
		e.IDs = []string{id}
	}
	return e
}
