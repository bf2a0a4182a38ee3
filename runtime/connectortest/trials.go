package connectortest

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// trial is one value to give a field: what it probes, and whether the schema
// accepts it.
type trial struct {
	what  string
	value json.RawMessage
	valid bool
}

// trials returns values on both sides of everything that a node demands.
func (n *node) trials() []trial {
	var trials []trial
	add := func(what string, value json.RawMessage) {
		trials = append(trials, trial{what, value, n.accepts(value)})
	}
	for _, e := range n.Enum {
		add("enum", e)
	}
	switch n.Type {
	case "string":
		n.stringTrials(add)
	case "integer", "number":
		n.numberTrials(add)
		add("type", quote("no number"))
	case "array":
		n.listTrials(add)
	}
	return trials
}

// badFormats are texts that break a format.
var badFormats = map[string]string{
	"uri":       "no uri",
	"hostname":  "no host name",
	"email":     "no email",
	"date-time": "yesterday",
	"date":      "yesterday",
	"ipv4":      "1.2.3",
	"ipv6":      "1.2.3",
	"uuid":      "no uuid",
}

func (n *node) stringTrials(add func(string, json.RawMessage)) {
	if len(n.Enum) > 0 {
		add("enum", quote("no such choice"))
		return
	}
	if n.Pattern != "" {
		add("pattern", quote("\u2603 no match \u2603"))
	}
	if n.Format != "" {
		add("format", quote(badFormats[n.Format]))
		add("format", quote(goodFormats[n.Format]))
	}
	for what, bound := range map[string]*int{"minLength": n.MinLength, "maxLength": n.MaxLength} {
		if bound == nil {
			continue
		}
		filler := n.filler(*bound)
		for length := max(*bound-1, 0); length <= *bound+1; length++ {
			add(what, quote(strings.Repeat(filler, length)))
		}
	}
}

// filler is a character of which so many make a text that is accepted, so that
// nothing but the length is at fault in a longer or shorter one. The first has
// two bytes: lengths count characters.
func (n *node) filler(length int) string {
	for _, f := range []string{"é", "a", "A", "0"} {
		if n.accepts(quote(strings.Repeat(f, length))) {
			return f
		}
	}
	return "é"
}

func (n *node) numberTrials(add func(string, json.RawMessage)) {
	step := big.NewRat(1, 1)
	if n.Type == "number" {
		step = big.NewRat(1, 4)
	}
	bounds := map[string]json.Number{
		"minimum": n.Minimum, "maximum": n.Maximum, "multipleOf": n.MultipleOf,
		"exclusiveMinimum": n.ExclusiveMinimum, "exclusiveMaximum": n.ExclusiveMaximum,
	}
	for what, bound := range bounds {
		b, ok := rat(bound)
		if !ok {
			continue
		}
		for _, v := range []*big.Rat{new(big.Rat).Sub(b, step), b, new(big.Rat).Add(b, step)} {
			if v.IsInt() && !v.Num().IsInt64() {
				continue // no Go integer can hold it
			}
			add(what, decimal(v))
		}
	}
	if len(n.Enum) > 0 {
		add("enum", n.otherNumber())
	}
}

// otherNumber is a number that is no choice of an enumeration.
func (n *node) otherNumber() json.RawMessage {
	for i := 0; ; i++ {
		raw := json.RawMessage(fmt.Sprint(i))
		if !slices.ContainsFunc(n.Enum, func(e json.RawMessage) bool { return sameJSON(e, raw) }) {
			return raw
		}
	}
}

func decimal(v *big.Rat) json.RawMessage {
	if v.IsInt() {
		return json.RawMessage(v.Num().String())
	}
	return json.RawMessage(strings.TrimRight(v.FloatString(6), "0"))
}

func (n *node) listTrials(add func(string, json.RawMessage)) {
	if n.Items == nil {
		return
	}
	for what, bound := range map[string]*int{"minItems": n.MinItems, "maxItems": n.MaxItems} {
		if bound == nil {
			continue
		}
		for length := max(*bound-1, 0); length <= *bound+1; length++ {
			if items, ok := n.Items.distinct(length); ok {
				add(what, list(items...))
			}
		}
	}
	if items, ok := n.Items.distinct(1); ok && n.UniqueItems {
		add("uniqueItems", list(items[0], items[0]))
	}
	for _, item := range n.Items.trials() {
		if !empty(item.value) {
			add("items: "+item.what, list(item.value))
		}
	}
}

// distinct returns so many different values that the node accepts.
func (n *node) distinct(count int) ([]json.RawMessage, bool) {
	var items []json.RawMessage
	add := func(raw json.RawMessage) {
		if len(items) < count && n.accepts(raw) {
			items = append(items, raw)
		}
	}
	for _, e := range n.Enum {
		add(e)
	}
	if example, ok := n.example(); ok && len(n.Enum) == 0 {
		start, isNumber := new(big.Rat).SetString(string(example))
		for i := range 2 * count {
			if isNumber {
				add(decimal(new(big.Rat).Add(start, big.NewRat(int64(i), 1))))
			} else if n.Format == "" {
				add(quote(fmt.Sprintf("item%d", i)))
			}
		}
	}
	return items, len(items) == count
}

// example returns a value that the node accepts, where one can be made up.
func (n *node) example() (json.RawMessage, bool) {
	candidates := []json.RawMessage{n.Default}
	candidates = append(candidates, n.Enum...)
	switch n.Type {
	case "string":
		candidates = append(candidates, quote(goodFormats[n.Format]), quote("example"))
		if n.MinLength != nil {
			candidates = append(candidates, quote(strings.Repeat("x", *n.MinLength)))
		}
		if n.MaxLength != nil {
			candidates = append(candidates, quote(strings.Repeat("x", *n.MaxLength)))
		}
	case "integer", "number":
		n.numberTrials(func(_ string, v json.RawMessage) { candidates = append(candidates, v) })
		candidates = append(candidates, json.RawMessage("1"))
	case "boolean":
		candidates = append(candidates, json.RawMessage("true"))
	case "array":
		if n.Items != nil {
			for count := range 4 {
				if items, ok := n.Items.distinct(count + 1); ok {
					candidates = append(candidates, list(items...))
				}
			}
		}
	}
	for _, c := range candidates {
		if !empty(c) && n.accepts(c) {
			return c, true
		}
	}
	return nil, false
}

// goodFormats are texts that keep a format.
var goodFormats = map[string]string{
	"uri":       "https://example.org/",
	"hostname":  "example.org",
	"email":     "someone@example.org",
	"date-time": "2020-01-02T03:04:05Z",
	"date":      "2020-01-02",
	"ipv4":      "192.0.2.1",
	"ipv6":      "2001:db8::1",
	"uuid":      "00000000-0000-4000-8000-000000000000",
}

func list(items ...json.RawMessage) json.RawMessage {
	raw, err := json.Marshal(items)
	if err != nil || items == nil {
		return json.RawMessage("[]")
	}
	return raw
}
