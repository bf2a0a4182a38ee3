package rules

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
)

// compiled is a rule with its text read as everything that it can stand for.
type compiled struct {
	rule     Rule
	keep     bool
	operator string
	path     int32
	order    decimal
	hits     *atomic.Int64

	text   []byte
	number *decimal // nil when the text is no number
	moment *instant // nil when it is no date
	truth  *bool    // nil when it is no word for true or false
	regex  *pattern
}

// compile reads a rule. The default rule's condition is not looked at.
func compile(r Rule, left *effort) (*compiled, error) {
	c := &compiled{rule: r, text: []byte(r.Value), hits: new(atomic.Int64)}
	known, ok := false, false
	if c.keep, known = r.includes(); !known {
		return nil, fmt.Errorf("policy must be include or exclude, not %s", quote(r.Policy))
	}
	if r.ID == DefaultID {
		return c, nil
	}
	if c.operator, known = r.operator(); !known {
		return nil, fmt.Errorf("rule %s is not known", quote(r.Rule))
	}
	if problem := fieldProblem(r.Field); problem != "" {
		return nil, errors.New(problem)
	}
	if c.order, ok = parseDecimal([]byte(r.Order)); !ok && r.Order != "" {
		return nil, fmt.Errorf("order must be a number, not %s", quote(r.Order.String()))
	}
	if problem := tooLong("value", r.Value, maxValue); problem != "" {
		return nil, errors.New(problem)
	}
	switch c.operator {
	case Regex:
		var err error
		c.regex, err = compilePattern(r.Value, left)
		return c, err
	case Equals, GreaterThan, LessThan:
		c.readValue()
	}
	return c, nil
}

// readValue reads the text as a number, a date and a truth value.
func (c *compiled) readValue() {
	if d, ok := parseDecimal(bytes.TrimSpace(c.text)); ok {
		c.number = &d
	}
	if t, ok := parseInstant(c.text); ok {
		c.moment = &t
	}
	if truth, ok := parseTruth(c.rule.Value); ok {
		c.truth = &truth
	}
}

// parseTruth reads the words for true and false.
func parseTruth(text string) (truth, ok bool) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true", "t", "yes", "y", "on":
		return true, true
	case "false", "f", "no", "n", "off", "":
		return false, true
	}
	return false, false
}

// match reports whether one value meets the rule.
func (c *compiled) match(v *value) bool {
	switch c.operator {
	case StartsWith:
		return bytes.HasPrefix(v.text, c.text)
	case EndsWith:
		return bytes.HasSuffix(v.text, c.text)
	case Contains:
		return bytes.Contains(v.text, c.text)
	case Regex:
		return c.regex.match(v.text)
	}
	order, alike := c.compare(v)
	switch {
	case !alike:
		return false
	case c.operator == GreaterThan:
		return order > 0
	case c.operator == LessThan:
		return order < 0
	}
	return order == 0
}

// compare returns the order of a value and the rule's text, read by the type
// of the value; alike is false when the text can't be read so.
func (c *compiled) compare(v *value) (order int, alike bool) {
	switch v.kind {
	case isString:
		return c.compareText(v.text), true
	case isNum:
		if c.number == nil {
			return 0, false
		}
		d, ok := parseDecimal(v.text)
		return d.compare(c.number), ok
	case isTrue, isFalse:
		if c.truth == nil {
			return 0, false
		}
		return cmp.Compare(rank(v.kind == isTrue), rank(*c.truth)), true
	}
	return 0, false
}

// compareText compares two dates as moments, all else by code points, which
// in UTF-8 is the order of the bytes.
func (c *compiled) compareText(text []byte) int {
	if c.moment != nil {
		if t, ok := parseInstant(text); ok {
			return t.compare(c.moment)
		}
	}
	return bytes.Compare(text, c.text)
}

func rank(truth bool) int {
	if truth {
		return 1
	}
	return 0
}
