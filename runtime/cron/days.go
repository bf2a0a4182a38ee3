package cron

import "math/bits"

// daySet selects days of a month. Bit n of a day set is day n, bit n of a
// weekday set the weekday n from Sunday, 0.
type daySet struct {
	dates   uint32   // days by number
	before  uint32   // bit n: n days before the last day
	near    uint32   // working days nearest to days by number
	nearEnd uint32   // working days nearest to n days before the last day
	week    uint8    // weekdays
	nth     [5]uint8 // weekdays: the first in the month … the fifth
	last    uint8    // weekdays: the last in the month
}

// The sets that leave out no day.
const (
	allDates     = 1<<32 - 2
	everyWeekday = 1<<7 - 1
)

// in returns the days of a month that has length days and begins with the
// weekday first.
func (d *daySet) in(length, first int) uint32 {
	month := uint32(1)<<(length+1) - 2
	if d.dates == allDates && d.week == everyWeekday {
		return month
	}
	return d.byDate(length, first) & d.byWeekday(length, first) & month
}

func (d *daySet) byDate(length, first int) uint32 {
	set := d.dates
	for rest := d.before; rest != 0; rest &= rest - 1 {
		if day := length - bits.TrailingZeros32(rest); day > 0 {
			set |= 1 << day
		}
	}
	for rest := d.near; rest != 0; rest &= rest - 1 {
		if day := bits.TrailingZeros32(rest); day <= length {
			set |= 1 << workingDay(day, length, first)
		}
	}
	for rest := d.nearEnd; rest != 0; rest &= rest - 1 {
		if day := length - bits.TrailingZeros32(rest); day > 0 {
			set |= 1 << workingDay(day, length, first)
		}
	}
	return set
}

// workingDay returns the day from Monday to Friday that is nearest to a day,
// without leaving the month.
func workingDay(day, length, first int) int {
	switch (first + day - 1) % 7 {
	case 6: // Saturday
		if day == 1 {
			return 3
		}
		return day - 1
	case 0: // Sunday
		if day == length {
			return day - 2
		}
		return day + 1
	}
	return day
}

func (d *daySet) byWeekday(length, first int) uint32 {
	set := spread(d.week, first)
	for n, weekdays := range d.nth {
		if weekdays != 0 {
			set |= spread(weekdays, first) & (0x7f << (7*n + 1))
		}
	}
	if d.last != 0 {
		set |= spread(d.last, first) & (0x7f << (length - 6))
	}
	return set
}

// spread returns the days that fall on weekdays, in a month that begins with
// the weekday first.
func spread(weekdays uint8, first int) uint32 {
	week := uint64(weekdays)>>first | uint64(weekdays)<<(7-first)&0x7f
	return uint32((week | week<<7 | week<<14 | week<<21 | week<<28) << 1)
}
