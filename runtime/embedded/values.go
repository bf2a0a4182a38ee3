package embedded

import (
	"math"
	"net/netip"
	"strconv"
	"strings"
)

// fieldError is Elasticsearch's answer to a value that a field cannot take.
func fieldError(f *field, id string, raw []byte, cause *apiError) *apiError {
	preview := string(scalarText(raw))
	if len(preview) > 100 {
		preview = preview[:100]
	}
	return badDocument("[1:1] failed to parse field [%s] of type [%s] in document with id '%s'. Preview of field's value: '%s'",
		f.path, f.typ, id, preview).causedBy(cause)
}

// checkValue reports whether a field can take a value.
func checkValue(f *field, id string, raw []byte) error {
	if cause := f.problem(raw); cause != nil && !f.malformed {
		return fieldError(f, id, raw, cause)
	}
	for _, sub := range f.subs {
		if cause := sub.problem(raw); cause != nil && !sub.malformed {
			return fieldError(sub, id, raw, cause)
		}
	}
	return nil
}

func (f *field) problem(raw []byte) *apiError {
	if raw[0] == '{' {
		if f.family == familyText || f.family == familyKeyword {
			return illegalState("Can't get text on a START_OBJECT at 1:1")
		}
		return illegal("Cannot parse object as %s", f.typ)
	}
	switch f.family {
	case familyInteger:
		_, problem := f.integer(raw)
		return problem
	case familyFloat:
		_, problem := f.float(raw)
		return problem
	case familyBool:
		_, problem := f.boolean(raw)
		return problem
	case familyDate:
		_, problem := f.date(raw)
		return problem
	case familyIP:
		if _, err := netip.ParseAddr(string(scalarText(raw))); err != nil {
			return illegal("'%s' is not an IP string literal.", scalarText(raw))
		}
	case familyKeyword:
		if len(raw) <= maxTerm || !f.indexed || f.surelyAbove(raw) {
			return nil
		}
		if s := scalarText(raw); len(s) > maxTerm && (f.ignoreAbove == 0 || runeCount(s) <= f.ignoreAbove) {
			return illegal("Document contains at least one immense term in field=\"%s\"", f.path)
		}
	}
	return nil
}

// maxTerm is how long a term of the index may be, in bytes.
const maxTerm = 32766

// surelyAbove reports whether a JSON string is longer than ignore_above, whatever escapes it has.
func (f *field) surelyAbove(raw []byte) bool {
	const longest = 12 // bytes of one character: a surrogate pair
	return f.ignoreAbove > 0 && len(raw)-2 > f.ignoreAbove*longest
}

func illegalState(format string, args ...any) *apiError {
	e := illegal(format, args...)
	e.typ = "illegal_state_exception"
	return e
}

// integer reads a whole number; with coerce (the default) fractions are cut and texts read.
func (f *field) integer(raw []byte) (int64, *apiError) {
	if raw[0] == 't' || raw[0] == 'f' {
		return 0, fail(400, "input_coercion_exception", "Current token (VALUE_%s) not numeric, can not use numeric value accessors", strings.ToUpper(string(raw)))
	}
	s := string(scalarText(raw))
	if raw[0] == '"' && !f.coerce {
		return 0, illegal("%s value passed as String", f.typ)
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		x, ferr := strconv.ParseFloat(s, 64)
		if ferr != nil || math.IsNaN(x) || strings.ContainsAny(s, "xX_") {
			return 0, illegal("For input string: \"%s\"", s)
		}
		if x >= 1<<63 || x < -1<<63 {
			return 0, illegal("Value [%s] is out of range for a long", s)
		}
		if !f.coerce && x != math.Trunc(x) {
			return 0, illegal("Value [%s] has a decimal part", s)
		}
		n = int64(x)
	}
	if limit, ok := integerBounds[f.typ]; ok && (n > limit || n < -limit-1) {
		return 0, illegal("Value [%s] is out of range for an %s", s, f.typ)
	}
	return n, nil
}

func (f *field) float(raw []byte) (float64, *apiError) {
	if raw[0] == 't' || raw[0] == 'f' {
		return 0, fail(400, "input_coercion_exception", "Current token (VALUE_%s) not numeric, can not use numeric value accessors", strings.ToUpper(string(raw)))
	}
	s := string(scalarText(raw))
	if raw[0] == '"' && !f.coerce {
		return 0, illegal("%s value passed as String", f.typ)
	}
	x, err := strconv.ParseFloat(s, 64)
	if err != nil && !math.IsInf(x, 0) || strings.ContainsAny(s, "xX_") {
		return 0, illegal("For input string: \"%s\"", s)
	}
	switch f.typ {
	case "float":
		x = float64(float32(x))
	case "half_float":
		if math.Abs(x) >= 65520 {
			x = math.Inf(1)
		}
	}
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0, illegal("[%s] supports only finite values, but got [%s]", f.typ, s)
	}
	return x, nil
}

func (f *field) boolean(raw []byte) (bool, *apiError) {
	switch s := string(scalarText(raw)); {
	case s == "true":
		return true, nil
	case s == "false", s == "" && raw[0] == '"':
		return false, nil
	default:
		return false, illegal("Failed to parse value [%s] as only [true] or [false] are allowed.", s)
	}
}

// date reads a date as milliseconds since 1970.
func (f *field) date(raw []byte) (int64, *apiError) {
	s := string(scalarText(raw))
	t, ok := parseDate(s, f.format)
	if !ok || raw[0] == 't' || raw[0] == 'f' {
		format := f.format
		if format == "" {
			format = defaultDates
		}
		return 0, illegal("failed to parse date field [%s] with format [%s]", s, format)
	}
	return t.UnixMilli(), nil
}
