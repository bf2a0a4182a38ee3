package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/tributary-search/tributary/runtime/connector"
)

// DecodeRules decodes advanced rules that their schema has accepted. It
// reports false when there are none: no text, null, {} or [].
func DecodeRules[T any](raw json.RawMessage) (rules T, given bool, err error) {
	if len(raw) == 0 {
		return rules, false, nil
	}
	root, err := parse(raw)
	if err != nil {
		return rules, false, fmt.Errorf("advanced rules: %w", err)
	}
	if root.isNothing() {
		return rules, false, nil
	}
	err = json.Unmarshal(raw, &rules)
	var mistyped *json.UnmarshalTypeError
	if errors.As(err, &mistyped) {
		// To JSON Schema 10.0 and 1e1 are integers, to encoding/json they
		// are not.
		var again T
		if json.Unmarshal(root.encode(nil), &again) == nil {
			return again, true, nil
		}
	}
	if err != nil {
		return rules, false, fmt.Errorf("advanced rules: %w", err)
	}
	return rules, true, nil
}

// isNothing reports null, {} and [].
func (n *node) isNothing() bool {
	switch n.kind {
	case objectNode, listNode:
		return len(n.members)+len(n.items) == 0
	}
	return n.kind == nullNode
}

// encode writes the value with integers in their plain form.
func (n *node) encode(dst []byte) []byte {
	switch n.kind {
	case objectNode:
		dst = append(dst, '{')
		for i, m := range n.members {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(connector.AppendString(dst, m.name), ':')
			dst = m.value.encode(dst)
		}
		return append(dst, '}')
	case listNode:
		dst = append(dst, '[')
		for i, item := range n.items {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = item.encode(dst)
		}
		return append(dst, ']')
	case textNode:
		return connector.AppendString(dst, n.text)
	case numberNode:
		if i, ok := exactInt(n.text); ok {
			return strconv.AppendInt(dst, i, 10)
		}
	}
	return append(dst, literal(n)...)
}
