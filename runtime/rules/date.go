package rules

import (
	"bytes"
	"cmp"
)

// instant is a moment, exact to any number of decimals.
type instant struct {
	seconds int64
	// fraction is the decimals of the second without zeros at their end.
	fraction []byte
}

func (a *instant) compare(b *instant) int {
	if order := cmp.Compare(a.seconds, b.seconds); order != 0 {
		return order
	}
	return bytes.Compare(a.fraction, b.fraction)
}

// parseInstant reads an RFC 3339 date or date-time: 2024-05-01, or
// 2024-05-01T10:00 with or without seconds, decimals and a zone. A space may
// stand for the T; without a zone the time is in UTC, a date is its midnight.
func parseInstant(b []byte) (t instant, ok bool) {
	if len(b) < len("2024-05-01") || b[4] != '-' || b[7] != '-' {
		return t, false
	}
	year, ok1 := digits(b[0:4])
	month, ok2 := digits(b[5:7])
	day, ok3 := digits(b[8:10])
	if !ok1 || !ok2 || !ok3 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return t, false
	}
	t.seconds = daysSinceEpoch(year, month, day) * 86400
	if b = b[10:]; len(b) == 0 {
		return t, true
	}
	if b[0] != 'T' && b[0] != ' ' {
		return t, false
	}
	return t, t.clock(b[1:])
}

// clock adds a time of day with its zone.
func (t *instant) clock(b []byte) (ok bool) {
	if len(b) < len("10:00") || b[2] != ':' {
		return false
	}
	hour, ok1 := digits(b[0:2])
	minute, ok2 := digits(b[3:5])
	if !ok1 || !ok2 || hour > 23 || minute > 59 {
		return false
	}
	leap := false
	if b = b[5:]; len(b) > 0 && b[0] == ':' {
		if len(b) < len(":00") {
			return false
		}
		second, ok := digits(b[1:3])
		if !ok || second > 60 {
			return false
		}
		leap = second == 60
		t.seconds += int64(second)
		b = t.decimals(b[3:])
	}
	offset, ok := zone(b)
	t.seconds += int64(hour)*3600 + int64(minute)*60 - offset
	// A leap second is the last one of a day; it counts as the next one.
	return ok && (!leap || t.seconds%86400 == 0)
}

// decimals reads the decimals of a second and returns what follows.
func (t *instant) decimals(b []byte) (rest []byte) {
	if len(b) < 2 || b[0] != '.' || !isDigit(b[1]) {
		return b
	}
	end := 1
	for end < len(b) && isDigit(b[end]) {
		end++
	}
	t.fraction = bytes.TrimRight(b[1:end], "0")
	return b[end:]
}

// zone reads nothing, Z or ±hh:mm, and returns the seconds east of UTC.
func zone(b []byte) (offset int64, ok bool) {
	if len(b) == 0 || len(b) == 1 && b[0] == 'Z' {
		return 0, true
	}
	if len(b) != len("+00:00") || b[0] != '+' && b[0] != '-' || b[3] != ':' {
		return 0, false
	}
	hours, ok1 := digits(b[1:3])
	minutes, ok2 := digits(b[4:6])
	if !ok1 || !ok2 || hours > 23 || minutes > 59 {
		return 0, false
	}
	offset = int64(hours)*3600 + int64(minutes)*60
	if b[0] == '-' {
		offset = -offset
	}
	return offset, true
}

func digits(b []byte) (n int, ok bool) {
	for _, c := range b {
		if !isDigit(c) {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// daysSinceEpoch counts the days from 1970-01-01 in the Gregorian calendar.
// The year is taken to begin in March, so that the leap day is its last.
func daysSinceEpoch(year, month, day int) int64 {
	const shift = 400 // a whole cycle of leap years, so that nothing is negative
	y, m := int64(year)+shift, int64(month)-3
	if m < 0 {
		y, m = y-1, m+12
	}
	const epoch = 719468 + 146097 // 1970-01-01, counted from March of the year -400
	return y*365 + y/4 - y/100 + y/400 + (m*153+2)/5 + int64(day) - 1 - epoch
}
