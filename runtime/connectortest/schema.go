package connectortest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"unicode/utf8"
)

// configSchema is the part of Kind.ConfigSchema that the checks look at.
type configSchema struct {
	nodes    map[string]node // by property
	required []string
}

// node is the schema of one value.
type node struct {
	Type             string            `json:"type"`
	Default          json.RawMessage   `json:"default"`
	Enum             []json.RawMessage `json:"enum"`
	Minimum          json.Number       `json:"minimum"`
	Maximum          json.Number       `json:"maximum"`
	ExclusiveMinimum json.Number       `json:"exclusiveMinimum"`
	ExclusiveMaximum json.Number       `json:"exclusiveMaximum"`
	MultipleOf       json.Number       `json:"multipleOf"`
	MinLength        *int              `json:"minLength"`
	MaxLength        *int              `json:"maxLength"`
	Pattern          string            `json:"pattern"`
	Format           string            `json:"format"`
	MinItems         *int              `json:"minItems"`
	MaxItems         *int              `json:"maxItems"`
	UniqueItems      bool              `json:"uniqueItems"`
	Items            *node             `json:"items"`
	WriteOnly        bool              `json:"writeOnly"`
}

// branch is an object schema, or a condition (if/then) that holds one.
type branch struct {
	Type       string                     `json:"type"`
	Properties map[string]json.RawMessage `json:"properties"`
	Required   []string                   `json:"required"`
	AllOf      []branch                   `json:"allOf"`
	Then       *branch                    `json:"then"`
}

// parseSchema reads a schema. What its conditions demand of a property is
// lifted up to that property: the checks look at active fields only.
func parseSchema(raw json.RawMessage) (configSchema, error) {
	var root branch
	if err := json.Unmarshal(raw, &root); err != nil {
		return configSchema{}, err
	}
	if root.Type != "object" {
		return configSchema{}, errors.New(`its type is not "object"`)
	}
	s := configSchema{nodes: map[string]node{}}
	return s, s.lift(root)
}

func (s *configSchema) lift(b branch) error {
	s.required = append(s.required, b.Required...)
	for name, raw := range b.Properties {
		n := s.nodes[name]
		if err := json.Unmarshal(raw, &n); err != nil {
			return fmt.Errorf("property %s: %w", name, err)
		}
		s.nodes[name] = n
	}
	below := b.AllOf
	if b.Then != nil {
		below = append(below, *b.Then)
	}
	for _, next := range below {
		if err := s.lift(next); err != nil {
			return err
		}
	}
	return nil
}

// accepts reports whether a value meets everything that the node says, formats
// left out.
func (n node) accepts(raw json.RawMessage) bool {
	if len(n.Enum) > 0 && !slices.ContainsFunc(n.Enum, func(e json.RawMessage) bool { return sameJSON(e, raw) }) {
		return false
	}
	switch n.Type {
	case "string":
		return n.acceptsString(raw)
	case "integer", "number":
		return n.acceptsNumber(raw)
	case "boolean":
		return sameJSON(raw, json.RawMessage("true")) || sameJSON(raw, json.RawMessage("false"))
	case "array":
		return n.acceptsList(raw)
	}
	return true
}

func (n node) acceptsString(raw json.RawMessage) bool {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return false
	}
	length := utf8.RuneCountInString(text)
	if n.MinLength != nil && length < *n.MinLength || n.MaxLength != nil && length > *n.MaxLength {
		return false
	}
	if n.Pattern == "" {
		return true
	}
	ok, err := regexp.MatchString(n.Pattern, text)
	return ok && err == nil
}

func (n node) acceptsNumber(raw json.RawMessage) bool {
	v, ok := new(big.Rat).SetString(string(raw))
	if !ok || n.Type == "integer" && !v.IsInt() {
		return false
	}
	if m, ok := rat(n.MultipleOf); ok && !new(big.Rat).Quo(v, m).IsInt() {
		return false
	}
	within := func(bound json.Number, allowed ...int) bool {
		b, ok := rat(bound)
		return !ok || slices.Contains(allowed, v.Cmp(b))
	}
	return within(n.Minimum, 0, 1) && within(n.Maximum, 0, -1) &&
		within(n.ExclusiveMinimum, 1) && within(n.ExclusiveMaximum, -1)
}

func (n node) acceptsList(raw json.RawMessage) bool {
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil {
		return false
	}
	if n.MinItems != nil && len(items) < *n.MinItems || n.MaxItems != nil && len(items) > *n.MaxItems {
		return false
	}
	for i, item := range items {
		if n.Items != nil && !n.Items.accepts(item) {
			return false
		}
		if n.UniqueItems && slices.ContainsFunc(items[:i], func(o json.RawMessage) bool { return sameJSON(o, item) }) {
			return false
		}
	}
	return true
}

func rat(n json.Number) (*big.Rat, bool) {
	if n == "" {
		return nil, false
	}
	return new(big.Rat).SetString(n.String())
}

// sameJSON compares two scalars or lists of scalars.
func sameJSON(a, b json.RawMessage) bool {
	x, okX := new(big.Rat).SetString(string(a))
	y, okY := new(big.Rat).SetString(string(b))
	if okX && okY {
		return x.Cmp(y) == 0
	}
	return bytes.Equal(compact(a), compact(b))
}

func compact(raw json.RawMessage) []byte {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return raw
	}
	out, err := json.Marshal(v)
	if err != nil {
		return raw
	}
	return out
}
