package cron

import (
	"fmt"
	"strconv"
	"strings"
)

// item is one member of a field's list.
type item struct {
	field  *field
	text   string // ASCII, in capitals
	column int
}

// fail is an error at an offset in the item.
func (it item) fail(at int, remedy, problem string, args ...any) *Error {
	return &Error{Field: it.field.name, Column: it.column + at, Problem: fmt.Sprintf(problem, args...), Remedy: remedy}
}

// read adds the item's values to a schedule.
func (it item) read(s *Schedule) *Error {
	if it.text == "" {
		return it.fail(0, "remove the comma or write a value", "a value is missing")
	}
	if it.field.special != nil {
		if done, err := it.field.special(it, s); done || err != nil {
			return err
		}
	}
	base, stepText, stepped := strings.Cut(it.text, "/")
	low, high, err := it.bounds(base, stepped)
	if err != nil {
		return err
	}
	step := 1
	if stepped {
		if step, err = it.number(stepText, len(base)+1, 1, it.field.size(), fmt.Sprintf("steps go from 1 to %d", it.field.size())); err != nil {
			return err
		}
	}
	first, size := it.field.min, it.field.size()
	for v := low; v <= high; v += step {
		it.field.put(s, first+(v-first)%size)
	}
	return nil
}

// bounds returns the first and the last value of what stands before a step.
// The last may go over the end of the field.
func (it item) bounds(base string, stepped bool) (low, high int, err *Error) {
	f := it.field
	switch {
	case base == "*", base == "" && stepped:
		return f.min, f.max, nil
	case base == "?" && !stepped:
		return f.min, f.max, nil
	case strings.HasPrefix(base, "?"):
		return 0, 0, it.fail(0, "write *", "? stands alone")
	}
	from, to, isRange := strings.Cut(base, "-")
	if low, err = it.value(from, 0); err != nil {
		return 0, 0, err
	}
	switch {
	case !isRange && stepped:
		return low, f.max, nil
	case !isRange:
		return low, low, nil
	}
	if high, err = it.value(to, len(from)+1); err != nil {
		return 0, 0, err
	}
	if high < low && !f.wraps {
		return 0, 0, it.fail(0, "write the earlier year first", "%s-%s runs backwards", from, to)
	}
	if high < low {
		high += f.size()
	}
	return low, high, nil
}

// value reads a number or a name that stands at an offset.
func (it item) value(text string, at int) (int, *Error) {
	f := it.field
	if text == "" || text[0] < 'A' || text[0] > 'Z' {
		return it.number(text, at, f.min, f.max, f.limits)
	}
	if n := nameIndex(text, f.names); n >= 0 {
		return f.min + n, nil
	}
	if near := nearestName(text, f.names); near != "" {
		return 0, it.fail(at, fmt.Sprintf("did you mean %s?", near), "%q is not known", text)
	}
	return 0, it.fail(at, f.limits, "%q is not known", text)
}

// number reads digits that stand at an offset.
func (it item) number(text string, at, low, high int, limits string) (int, *Error) {
	if text == "" {
		return 0, it.fail(at, limits, "a value is missing")
	}
	if n := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' }); n >= 0 {
		return 0, it.fail(at+n, limits, "%q has no meaning here", text[n])
	}
	v, err := strconv.Atoi(text)
	switch {
	case err != nil || v > high:
		return 0, it.fail(at, limits, "%s is above %d", text, high)
	case v < low:
		return 0, it.fail(at, limits, "%s is below %d", text, low)
	}
	return v, nil
}
