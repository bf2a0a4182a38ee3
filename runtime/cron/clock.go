package cron

import (
	"math/bits"
	"time"
)

// A clock time is what the clock of a zone shows, as the seconds since 1970
// that it would be in UTC.

const secondsOfDay = 24 * 60 * 60

// nextClock returns the first selected clock time that is not before c.
func (s *Schedule) nextClock(c int64) (int64, bool) {
	c = max(c, 0) // FirstYear is the first that can be selected
	year, month, day := time.Unix(c, 0).UTC().Date()
	if s.daysOf(year, month)&(1<<day) != 0 {
		if t, ok := s.nextTimeOfDay(int(c % secondsOfDay)); ok {
			return c - c%secondsOfDay + int64(t), true
		}
	}
	date, ok := s.nextDate(year, month, day+1)
	if !ok {
		return 0, false
	}
	t, ok := s.nextTimeOfDay(0)
	return date + int64(t), ok
}

// dropMonths forgets the months that never have a selected day, such as
// February where the 30th is, so that no year is searched for them.
func (s *Schedule) dropMonths() {
	for month := time.January; month <= time.December; month++ {
		longest, _ := monthOf(2000, month)
		shortest, _ := monthOf(2001, month)
		var days uint32
		for first := range 7 {
			days |= s.days.in(shortest, first) | s.days.in(longest, first)
		}
		if days == 0 {
			s.months &^= 1 << month
		}
	}
}

// nextDate returns the midnight of the first selected date from one on. The
// day may be one too many for its month.
func (s *Schedule) nextDate(year int, month time.Month, day int) (int64, bool) {
	if s.months == 0 {
		return 0, false
	}
	from := ^uint32(0) << day
	for ; year <= LastYear; year++ {
		if !s.hasYear(year) {
			month, from = time.January, ^uint32(0)
			continue
		}
		for ; month <= time.December; month++ {
			if days := s.daysOf(year, month) & from; days != 0 {
				return time.Date(year, month, bits.TrailingZeros32(days), 0, 0, 0, 0, time.UTC).Unix(), true
			}
			from = ^uint32(0)
		}
		month = time.January
	}
	return 0, false
}

func (s *Schedule) hasYear(year int) bool {
	n := year - FirstYear
	return n >= 0 && year <= LastYear && s.years[n/64]&(1<<(n%64)) != 0
}

// daysOf returns the selected days of a month.
func (s *Schedule) daysOf(year int, month time.Month) uint32 {
	if s.months&(1<<month) == 0 || !s.hasYear(year) {
		return 0
	}
	length, first := monthOf(year, month)
	return s.days.in(length, first)
}

// monthOf returns the length of a month and its first weekday, from Sunday, 0.
func monthOf(year int, month time.Month) (length, first int) {
	const lengths, shifts = "\x1f\x1c\x1f\x1e\x1f\x1e\x1f\x1f\x1e\x1f\x1e\x1f", "\x00\x03\x02\x05\x00\x03\x05\x01\x04\x06\x02\x04"
	length = int(lengths[month-1])
	if month == time.February && year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		length++
	}
	if month < time.March {
		year-- // the leap day counts from March on
	}
	return length, (year + year/4 - year/100 + year/400 + int(shifts[month-1]) + 1) % 7
}

// nextTimeOfDay returns the first selected second of the day from one on.
func (s *Schedule) nextTimeOfDay(from int) (int, bool) {
	hour, minute, second := from/3600, from/60%60, from%60
	if s.hours&(1<<hour) != 0 {
		if t, ok := s.nextInHour(minute, second); ok {
			return hour*3600 + t, true
		}
	}
	hours := s.hours &^ (1<<(hour+1) - 1)
	t, ok := s.nextInHour(0, 0)
	return bits.TrailingZeros32(hours)*3600 + t, ok && hours != 0
}

func (s *Schedule) nextInHour(minute, second int) (int, bool) {
	if s.minutes&(1<<minute) != 0 {
		if seconds := s.seconds &^ (1<<second - 1); seconds != 0 {
			return minute*60 + bits.TrailingZeros64(seconds), true
		}
	}
	minutes := s.minutes &^ (1<<(minute+1) - 1)
	return bits.TrailingZeros64(minutes)*60 + bits.TrailingZeros64(s.seconds), minutes != 0 && s.seconds != 0
}
