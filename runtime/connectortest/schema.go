package connectortest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"

	"github.com/tributary-search/tributary/runtime/schema"
)

// configSchema is the part of Kind.ConfigSchema that the checks look at.
type configSchema struct {
	nodes    map[string]*node // by property
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
	WriteOnly        bool              `json:"writeOnly"`
	Items            *node             `json:"-"`

	whole *schema.Schema
}

// parseNode reads the schema of one value. An optional text or list has its
// constraints in the last alternative of anyOf: the first allows it to be empty.
func parseNode(raw json.RawMessage) (*node, error) {
	whole, err := schema.Compile(raw)
	if err != nil {
		return nil, err
	}
	n := &node{whole: whole}
	var below struct {
		AnyOf []json.RawMessage `json:"anyOf"`
		Items json.RawMessage   `json:"items"`
	}
	if err := errors.Join(json.Unmarshal(raw, n), json.Unmarshal(raw, &below)); err != nil {
		return nil, err
	}
	if last := len(below.AnyOf) - 1; last >= 0 {
		if err := json.Unmarshal(below.AnyOf[last], n); err != nil {
			return nil, err
		}
	}
	if below.Items != nil {
		n.Items, err = parseNode(below.Items)
	}
	return n, err
}

// accepts reports whether a value meets everything that the schema says.
func (n *node) accepts(value json.RawMessage) bool {
	return len(n.whole.Check(value)) == 0
}

// branch is an object schema, or a condition (if/then) that holds one.
type branch struct {
	Type       string                     `json:"type"`
	Properties map[string]json.RawMessage `json:"properties"`
	Required   []string                   `json:"required"`
	AllOf      []branch                   `json:"allOf"`
	Then       *branch                    `json:"then"`
}

// parseSchema reads the schema of a configuration. What it demands of a
// property under a condition counts as if it were demanded always: the checks
// look at active fields only.
func parseSchema(raw json.RawMessage) (configSchema, error) {
	var root branch
	if err := json.Unmarshal(raw, &root); err != nil {
		return configSchema{}, err
	}
	if root.Type != "object" {
		return configSchema{}, errors.New(`its type is not "object"`)
	}
	s := configSchema{nodes: map[string]*node{}}
	return s, s.lift(root)
}

func (s *configSchema) lift(b branch) error {
	s.required = append(s.required, b.Required...)
	for name, raw := range b.Properties {
		if string(raw) == "true" {
			continue // its schema stands under a condition
		}
		n, err := parseNode(raw)
		if err != nil {
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
