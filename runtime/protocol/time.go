package protocol

import (
	"strconv"
	"strings"
	"time"
)

// written is how times are written: UTC with offset and microseconds.
const written = "2006-01-02T15:04:05.000000-07:00"

// FormatTime writes a time as connector documents hold it.
func FormatTime(t time.Time) string { return t.UTC().Format(written) }

// readable are the forms that times are read in. One without a zone is UTC.
var readable = [...]string{
	time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07",
	"2006-01-02T15:04", "2006-01-02T15:04Z07:00", time.DateOnly,
}

// parseTime reads a time of any form in use, milliseconds since 1970 too; zero
// where it is none.
func parseTime(text string) time.Time {
	text = strings.TrimSpace(text)
	if text == "" {
		return time.Time{}
	}
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil && len(text) > 4 {
		return time.UnixMilli(ms).UTC()
	}
	if len(text) > 10 && text[10] == ' ' {
		text = text[:10] + "T" + text[11:]
	}
	for _, form := range readable {
		if t, err := time.Parse(form, strings.ToUpper(text)); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}
