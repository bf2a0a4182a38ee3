package cron

import (
	"iter"
	"time"
)

// Change is what a change of the clock did to an occurrence.
type Change int

// The changes.
const (
	Unchanged Change = iota // the clock shows the selected time, and shows it once
	Skipped                 // the clock skips the selected time: this is the first instant after the gap
	FirstTime               // the clock shows the selected time twice: this is the first time
	Again                   // this is the second time
)

// Occurrence is a time at which a schedule is due.
type Occurrence struct {
	Time   time.Time
	Change Change
	// Selected is the date and the time of day that the fields select, in UTC
	// whatever the zone. It is what the clock shows at Time, unless the clock
	// skips it.
	Selected time.Time
}

// Occurrences returns all occurrences after a time, in order.
func (s Schedule) Occurrences(after time.Time) iter.Seq[Occurrence] {
	return func(yield func(Occurrence) bool) {
		for {
			o, clock, ok := s.next(after)
			if !ok {
				return
			}
			o.Selected = time.Unix(clock, 0).UTC()
			if !yield(o) {
				return
			}
			after = o.Time
		}
	}
}

// next returns the first occurrence after a time, without Selected, and its
// clock time.
func (s *Schedule) next(after time.Time) (o Occurrence, clock int64, ok bool) {
	loc := s.loc
	if loc == nil {
		loc = after.Location()
	}
	for at := after.Unix() + 1; ; {
		p := periodAt(at, loc)
		clock, ok := s.nextClock(at + p.offset)
		if !ok {
			return Occurrence{}, 0, false
		}
		t := clock - p.offset
		switch {
		case !p.ends || t < p.end:
			change := p.changeOf(clock, loc)
			if change == Again && !s.everyHour() {
				at = p.secondTimeEnds(loc)
				continue
			}
			return Occurrence{Time: time.Unix(t, 0).In(loc), Change: change}, clock, true
		case clock < p.end+offsetAt(p.end, loc) && !s.everyHour():
			return Occurrence{Time: time.Unix(p.end, 0).In(loc), Change: Skipped}, clock, true
		}
		at = max(p.end, t-secondsOfDay) // no clock is a day ahead of another's: nothing is selected before
	}
}

// period is a time in which a zone's clock runs without a jump.
type period struct {
	start, end   int64 // Unix times; end is the first instant of the next period
	begins, ends bool  // false: start, or end, is without meaning
	offset       int64 // seconds east of UTC
}

func periodAt(at int64, loc *time.Location) period {
	t := time.Unix(at, 0).In(loc)
	start, end := t.ZoneBounds()
	_, offset := t.Zone()
	p := period{start.Unix(), end.Unix(), !start.IsZero(), !end.IsZero(), int64(offset)}
	if p.ends && p.end <= at { // by rules for years to come, the standard library ends a leap year on 31 December, 00:00
		p.end = time.Date(t.UTC().Year()+1, time.January, 1, 0, 0, 0, 0, time.UTC).Unix()
	}
	return p
}

func offsetAt(at int64, loc *time.Location) int64 {
	_, offset := time.Unix(at, 0).In(loc).Zone()
	return int64(offset)
}

// changeOf tells whether a clock time in the period comes twice.
func (p period) changeOf(clock int64, loc *time.Location) Change {
	if p.begins && clock-p.offset-p.start < secondsOfDay && clock < p.start+offsetAt(p.start-1, loc) {
		return Again
	}
	if p.ends && p.end-(clock-p.offset) < secondsOfDay && clock >= p.end+offsetAt(p.end, loc) {
		return FirstTime
	}
	return Unchanged
}

// secondTimeEnds is when the clock begins to show what it has not shown before.
func (p period) secondTimeEnds(loc *time.Location) int64 {
	return p.start + offsetAt(p.start-1, loc) - p.offset
}
