package embedded

import (
	"strconv"
	"strings"
	"time"
)

// slashDates is the format Elasticsearch gives to a date it found in a text with slashes.
const slashDates = "yyyy/MM/dd HH:mm:ss||yyyy/MM/dd||epoch_millis"

const defaultDates = "strict_date_optional_time||epoch_millis"

// layouts are the Java patterns this node knows, as Go layouts.
var layouts = map[string]string{
	"yyyy/MM/dd HH:mm:ss": "2006/01/02 15:04:05", "yyyy/MM/dd": "2006/01/02", "yyyy-MM-dd": "2006-01-02", "strict_date": "2006-01-02",
	"date": "2006-01-02", "yyyy-MM-dd HH:mm:ss": "2006-01-02 15:04:05", "yyyy-MM-dd'T'HH:mm:ss": "2006-01-02T15:04:05",
	"yyyy-MM-dd'T'HH:mm:ssZ": "2006-01-02T15:04:05Z0700", "yyyy-MM-dd'T'HH:mm:ss.SSSZ": "2006-01-02T15:04:05.000Z0700",
	"yyyy-MM-dd'T'HH:mm:ss'Z'": "2006-01-02T15:04:05Z", "basic_date": "20060102", "yyyyMMdd": "20060102", "yyyy": "2006", "yyyy-MM": "2006-01",
	"dd/MM/yyyy": "02/01/2006", "MM/dd/yyyy": "01/02/2006", "strict_date_time": "2006-01-02T15:04:05.999Z07:00", "date_time": "2006-01-02T15:04:05.999Z07:00",
	"strict_date_time_no_millis": "2006-01-02T15:04:05Z07:00", "date_time_no_millis": "2006-01-02T15:04:05Z07:00",
}

// knownFormat reports whether every part of a format can be read here.
func knownFormat(format string) bool {
	for _, part := range strings.Split(format, "||") {
		switch part {
		case "strict_date_optional_time", "date_optional_time", "strict_date_optional_time_nanos", "epoch_millis", "epoch_second":
		default:
			if layouts[part] == "" {
				return false
			}
		}
	}
	return true
}

// parseDate reads a date in one of the formats, which are separated by ||.
func parseDate(s, format string) (time.Time, bool) {
	if format == "" {
		format = defaultDates
	}
	for _, part := range strings.Split(format, "||") {
		switch part {
		case "strict_date_optional_time", "date_optional_time", "strict_date_optional_time_nanos":
			if t, ok := parseISO(s); ok {
				return t, true
			}
		case "epoch_millis":
			if n, err := strconv.ParseFloat(s, 64); err == nil {
				return time.UnixMicro(int64(n * 1000)).UTC(), true
			}
		case "epoch_second":
			if n, err := strconv.ParseInt(s, 10, 64); err == nil {
				return time.Unix(n, 0).UTC(), true
			}
		default:
			if t, err := time.Parse(layouts[part], s); err == nil && layouts[part] != "" {
				return t.UTC(), true
			}
		}
	}
	return time.Time{}, false
}

// looksLikeDate is Elasticsearch's date detection; pure numbers are never dates.
func looksLikeDate(s string) bool {
	if len(s) < 7 || len(s) > 40 || s[0] < '0' || s[0] > '9' {
		return false
	}
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return false
	}
	if strings.Contains(s, "/") {
		_, ok := parseDate(s, "yyyy/MM/dd HH:mm:ss||yyyy/MM/dd")
		return ok
	}
	_, ok := parseISO(s)
	return ok
}

// isoReader reads the parts of an ISO 8601 date one by one.
type isoReader struct {
	s  string
	ok bool
}

func (r *isoReader) number(width, least, most int) int {
	if len(r.s) < width {
		r.ok = false
		return 0
	}
	n := 0
	for _, c := range []byte(r.s[:width]) {
		if c < '0' || c > '9' {
			r.ok = false
			return 0
		}
		n = n*10 + int(c-'0')
	}
	r.s = r.s[width:]
	if n < least || n > most {
		r.ok = false
	}
	return n
}

func (r *isoReader) skip(c byte) bool {
	if r.ok && len(r.s) > 0 && r.s[0] == c {
		r.s = r.s[1:]
		return true
	}
	return false
}

// parseISO reads Elasticsearch's strict_date_optional_time.
func parseISO(s string) (time.Time, bool) {
	r := &isoReader{s: s, ok: true}
	year, month, day := r.number(4, 0, 9999), 1, 1
	if r.skip('-') {
		month = r.number(2, 1, 12)
		if r.skip('-') {
			day = r.number(2, 1, 31)
		}
	}
	hour, minute, second, nanos, offset := 0, 0, 0, 0, 0
	if r.skip('T') && r.s != "" {
		hour = r.number(2, 0, 23)
		if r.skip(':') {
			minute = r.number(2, 0, 59)
			if r.skip(':') {
				second = r.number(2, 0, 59)
				nanos = r.fraction()
			}
		}
		offset = r.zone()
	}
	if !r.ok || r.s != "" {
		return time.Time{}, false
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, nanos, time.UTC)
	if t.Day() != day {
		return time.Time{}, false
	}
	return t.Add(-time.Duration(offset) * time.Second), true
}

func (r *isoReader) fraction() int {
	if !r.skip('.') && !r.skip(',') {
		return 0
	}
	n, digits := 0, 0
	for len(r.s) > 0 && r.s[0] >= '0' && r.s[0] <= '9' && digits < 9 {
		n, digits, r.s = n*10+int(r.s[0]-'0'), digits+1, r.s[1:]
	}
	if digits == 0 {
		r.ok = false
	}
	for ; digits < 9; digits++ {
		n *= 10
	}
	return n
}

func (r *isoReader) zone() int {
	if r.s == "" || r.skip('Z') {
		return 0
	}
	sign := 1
	if r.skip('-') {
		sign = -1
	} else if !r.skip('+') {
		r.ok = false
		return 0
	}
	seconds := r.number(2, 0, 18) * 3600
	r.skip(':')
	if r.ok && r.s != "" {
		seconds += r.number(2, 0, 59) * 60
	}
	return sign * seconds
}

// showDate prints milliseconds as Elasticsearch prints a date's doc value.
func showDate(ms int64) string {
	return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z")
}
