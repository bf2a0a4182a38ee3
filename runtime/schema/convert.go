package schema

import (
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"
)

// isRich reports whether a value is a rich field rather than a plain value.
func isRich(n *node) bool {
	if n.kind != objectNode {
		return false
	}
	for _, m := range n.members {
		switch m.name {
		case "value", "label", "type", "default_value":
			return true
		}
	}
	return false
}

// read decodes and checks one member of a configuration.
func (f *field) read(m member, how form) entry {
	n, e := m.value, entry{key: m.name}
	if how != strictForm && isRich(n) {
		e.problems = f.repeated(m)
		if n = n.get("value"); n == nil || len(e.problems) > 0 {
			return e
		}
		how = storedForm
	}
	if how == storedForm && n.kind == nullNode {
		return e
	}
	r := &reading{field: f, key: m.name, how: how}
	// A value of the right type is kept although it breaks a rule: conditions
	// of other fields compare it.
	if v := r.value(n); !isEmpty(v) {
		e.value = v
	}
	e.problems = r.problems
	return e
}

func isEmpty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []string:
		return len(v) == 0
	case []int64:
		return len(v) == 0
	}
	return false
}

// words are the texts that the connector protocol reads as booleans.
var words = map[string]bool{
	"true": true, "t": true, "yes": true, "y": true, "on": true, "1": true,
	"false": false, "f": false, "no": false, "n": false, "off": false, "0": false,
}

// scalar converts a value to a string, int64, float64 or bool. It returns nil
// for an empty text, and a message when the value does not fit.
func scalar(n *node, want Type, how form) (value any, message string) {
	text, isText := n.text, n.kind == textNode
	if want == String {
		return stringOf(n, how)
	}
	if isText && how != strictForm {
		if text = strings.TrimSpace(text); text == "" {
			return nil, ""
		}
	} else if isText {
		return nil, wants(want)
	}
	switch {
	case want == Boolean && n.kind == boolNode:
		return n.truth, ""
	case want == Boolean && (isText || n.kind == numberNode && how == storedForm):
		if truth, known := words[strings.ToLower(text)]; known {
			return truth, ""
		}
	case want == Integer && (isText || n.kind == numberNode):
		return integerOf(text)
	case want == Number && (isText || n.kind == numberNode):
		return numberOf(text)
	}
	return nil, wants(want)
}

func stringOf(n *node, how form) (any, string) {
	switch {
	case n.kind == textNode:
		return n.text, ""
	case how == storedForm && n.kind == numberNode:
		return n.text, ""
	case how == storedForm && n.kind == boolNode:
		return strconv.FormatBool(n.truth), ""
	}
	return nil, wants(String)
}

func integerOf(text string) (any, string) {
	if i, ok := exactInt(text); ok {
		return i, ""
	}
	if r, ok := exact(text); ok && r.IsInt() {
		return nil, "must be between -9223372036854775808 and 9223372036854775807"
	}
	return nil, wants(Integer)
}

func numberOf(text string) (any, string) {
	if _, ok := exact(text); !ok {
		return nil, wants(Number)
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(x, 0) {
		return nil, "is beyond the range of numbers"
	}
	return x, ""
}

func wants(t Type) string {
	switch t {
	case Integer:
		return "must be an integer"
	case Number:
		return "must be a number"
	case Boolean:
		return "must be true or false"
	case StringList:
		return "must be a list of texts"
	case IntegerList:
		return "must be a list of integers"
	}
	return "must be text"
}

// describe names a value in a problem; the text of a secret is left out.
func (f *field) describe(n *node) string {
	switch {
	case f.Secret:
		return string(n.kind)
	case n.kind == textNode:
		return "the text " + strconv.Quote(shortened(n.text))
	case n.kind == numberNode:
		return shortened(n.text)
	case n.kind == boolNode:
		return strconv.FormatBool(n.truth)
	}
	return string(n.kind)
}

// shortened cuts a text that would drown the message it stands in.
func shortened(text string) string {
	const most = 40
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most]) + "…"
}

// absolute makes a path independent of the working folder. A leading ~ is the
// user's home, as a shell would have it.
func absolute(path string) string {
	if path == "" {
		return path
	}
	if rest, ok := strings.CutPrefix(path, "~"); ok && (rest == "" || os.IsPathSeparator(rest[0])) {
		if home, err := os.UserHomeDir(); err == nil {
			path = filepath.Join(home, rest)
		}
	}
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}
