package cron

import "time"

// FirstYear and LastYear are the years that a schedule can select.
const (
	FirstYear = 1970
	LastYear  = 2199
)

// Schedule is an expression that was read. It is a value: copies are
// independent, and all methods are safe for concurrent use. The zero value is
// never due.
type Schedule struct {
	text string
	loc  *time.Location // nil: that of the time asked from

	// Sets of values; bit n is the value n.
	seconds, minutes uint64
	hours            uint32
	months           uint16
	years            [4]uint64 // bit n is FirstYear + n
	days             daySet
}

// String returns the expression as it was written, without space around it.
func (s Schedule) String() string { return s.text }

// In returns the schedule on the clock of a zone. With nil it follows the zone
// of the times it is asked from, as it does at first.
func (s Schedule) In(loc *time.Location) Schedule {
	s.loc = loc
	return s
}

// Next returns the first occurrence after a time, never at it, in whole
// seconds. ok is false when there is none, at the latest after [LastYear].
func (s Schedule) Next(after time.Time) (t time.Time, ok bool) {
	o, _, ok := s.next(after)
	return o.Time, ok
}

// Due reports whether there is an occurrence after last and not after now.
//
// However many there are, they are one reason for one run: who runs a schedule
// keeps now, not the occurrence, as the next last, so that time which was spent
// down or busy is caught up with once. A now before last is never due. The zero
// time as last asks about all times: take the time at which the schedule was
// made instead.
func (s Schedule) Due(last, now time.Time) bool {
	t, ok := s.Next(last)
	return ok && !t.After(now)
}

// BothDays reports that day of month and day of week each leave out days. Only
// days that are right by both are selected, where Unix cron takes either and
// Quartz neither: whoever shows a schedule to people may say so.
func (s Schedule) BothDays() bool { return s.days.dates != allDates && s.days.week != everyWeekday }

// everyHour reports that the schedule goes on through changes of the clock.
func (s *Schedule) everyHour() bool { return s.hours == 1<<24-1 }
