package embedded

import (
	"strconv"
	"strings"
	"time"
)

// dateSpan reads a date with date math; a date without time, or one that is rounded, spans milliseconds.
func (c *compiler) dateSpan(text, format string) (first, last int64, err error) {
	var base, math string
	t := time.UnixMilli(c.now).UTC()
	width := time.Duration(0)
	switch {
	case strings.HasPrefix(text, "now"):
		math = text[3:]
	default:
		base, math, _ = strings.Cut(text, "||")
		var ok bool
		if t, ok = parseDate(base, format); !ok {
			if format == "" {
				format = defaultDates
			}
			return 0, 0, fail(400, "parse_exception", "failed to parse date field [%s] with format [%s]", base, format)
		}
		width = precision(base)
	}
	end := t.Add(width)
	for math != "" {
		if t, end, math, err = dateMath(t, math); err != nil {
			return 0, 0, err
		}
	}
	if end.After(t) {
		end = end.Add(-time.Millisecond)
	}
	return t.UnixMilli(), end.UnixMilli(), nil
}

// precision is how long the last part of an ISO date lasts.
func precision(s string) time.Duration {
	day := 24 * time.Hour
	if _, err := strconv.ParseFloat(s, 64); err == nil && len(s) != 4 {
		return 0
	}
	switch len(s) {
	case 4:
		t, _ := parseISO(s)
		return t.AddDate(1, 0, 0).Sub(t)
	case 7:
		t, _ := parseISO(s)
		return t.AddDate(0, 1, 0).Sub(t)
	case 10:
		return day
	case 13:
		return time.Hour
	case 16:
		return time.Minute
	case 19, 20:
		return time.Second
	}
	return 0
}

// dateMath applies one step such as +1d or /d. end is after t when the step rounds.
func dateMath(t time.Time, s string) (start, end time.Time, rest string, err error) {
	bad := fail(400, "parse_exception", "operator not supported for date math [%s]", s)
	i, n := 1, 1
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	if s[0] != '/' && s[0] != '+' && s[0] != '-' || i >= len(s) {
		return t, t, "", bad
	}
	if i > 1 {
		n, _ = strconv.Atoi(s[1:i])
	}
	unit, rest := s[i], s[i+1:]
	if s[0] == '/' {
		start = roundDown(t, unit)
		end, ok := addUnit(start, unit, 1)
		if !ok {
			return t, t, "", bad
		}
		return start, end, rest, nil
	}
	if s[0] == '-' {
		n = -n
	}
	t, ok := addUnit(t, unit, n)
	if !ok {
		return t, t, "", bad
	}
	return t, t, rest, nil
}

func addUnit(t time.Time, unit byte, n int) (time.Time, bool) {
	switch unit {
	case 'y':
		return t.AddDate(n, 0, 0), true
	case 'M':
		return t.AddDate(0, n, 0), true
	case 'w':
		return t.AddDate(0, 0, 7*n), true
	case 'd':
		return t.AddDate(0, 0, n), true
	case 'h', 'H':
		return t.Add(time.Duration(n) * time.Hour), true
	case 'm':
		return t.Add(time.Duration(n) * time.Minute), true
	case 's':
		return t.Add(time.Duration(n) * time.Second), true
	}
	return t, false
}

func roundDown(t time.Time, unit byte) time.Time {
	y, m, d := t.Date()
	switch unit {
	case 'y':
		m, d = 1, 1
	case 'M':
		d = 1
	case 'w':
		d -= (int(t.Weekday()) + 6) % 7
	case 'h', 'H':
		return t.Truncate(time.Hour)
	case 'm':
		return t.Truncate(time.Minute)
	case 's':
		return t.Truncate(time.Second)
	}
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
