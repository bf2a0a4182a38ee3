package mongodb

import (
	"errors"
	"strconv"
	"time"
)

// dateMode says what becomes of dates: the values of datetime_conversion.
type dateMode string

const (
	datesFail   dateMode = "DATETIME"
	datesClamp  dateMode = "DATETIME_CLAMP"
	datesAuto   dateMode = "DATETIME_AUTO"
	datesMillis dateMode = "DATETIME_MS"
)

// The first and last date that most languages, and Elastic's connectors, know,
// in milliseconds since 1970.
const (
	firstDate = -62135596800000 // 0001-01-01T00:00:00.000Z
	lastDate  = 253402300799999 // 9999-12-31T23:59:59.999Z
)

var errDate = errors.New(`the date lies before the year 1 or after 9999; choose what becomes of such dates in "Out-of-range date handling"`)

// date appends a date, given in milliseconds since 1970.
func (w *walker) date(dst []byte, ms int64) ([]byte, error) {
	if w.dates == datesMillis {
		return strconv.AppendInt(dst, ms, 10), nil
	}
	if ms < firstDate || ms > lastDate {
		switch w.dates {
		case datesAuto:
			return strconv.AppendInt(dst, ms, 10), nil
		case datesClamp:
			ms = min(max(ms, firstDate), lastDate)
		default:
			return dst, errDate
		}
	}
	return appendMoment(dst, time.UnixMilli(ms)), nil
}

// appendMoment appends a time between the years 1 and 9999. Unlike
// connector.AppendTime it writes the first moment of the year 1, which
// programs store for "none" and which MongoDB compares like any other.
func appendMoment(dst []byte, t time.Time) []byte {
	return append(t.UTC().AppendFormat(append(dst, '"'), time.RFC3339Nano), '"')
}
