package cron

import "strings"

const (
	dateForms    = "with L and W there are L, L-3, LW, L-3W and 15W"
	weekdayForms = "with L and # there are L, 6L or FRIL, and 6#3 or FRI#3"
)

// readDate reads L, L-3, LW, L-3W and 15W.
func readDate(it item, s *Schedule) (bool, *Error) {
	if !strings.ContainsAny(it.text, "LW") {
		return false, nil
	}
	base, near := strings.CutSuffix(it.text, "W")
	before, fromEnd := strings.CutPrefix(base, "L")
	switch {
	case it.text == "W":
		return false, it.fail(0, "write a day before it, such as 15W; every working day is MON-FRI in day of week", "W is the working day nearest to a day")
	case it.text == "WL":
		return false, it.fail(0, "did you mean LW?", "WL is not known")
	case strings.ContainsAny(before, "LW"):
		return false, it.fail(strings.LastIndexAny(base, "LW"), dateForms, "%s is not known", it.text)
	case near && !fromEnd:
		day, err := it.number(base, 0, 1, 31, dateForms)
		if err == nil {
			s.days.near |= 1 << day
		}
		return true, err
	}
	days := 0
	if before != "" {
		var err *Error
		if before[0] != '-' {
			return false, it.fail(1, dateForms, "%q cannot follow L", before[0])
		}
		if days, err = it.number(before[1:], 2, 0, 30, "L goes back 30 days at most"); err != nil {
			return false, err
		}
	}
	if near {
		s.days.nearEnd |= 1 << days
	} else {
		s.days.before |= 1 << days
	}
	return true, nil
}

// readWeekday reads L, 6L, FRIL, 6#3 and FRI#3.
func readWeekday(it item, s *Schedule) (bool, *Error) {
	if day, nth, ok := strings.Cut(it.text, "#"); ok {
		weekday, err := it.value(day, 0)
		if err != nil {
			return false, err
		}
		n, err := it.number(nth, len(day)+1, 1, 5, "a month has 1 to 5 of a weekday")
		if err == nil {
			s.days.nth[n-1] |= 1 << (weekday - 1)
		}
		return true, err
	}
	day, last := strings.CutSuffix(it.text, "L")
	switch {
	case !last && strings.ContainsAny(it.text, "L"):
		return false, it.fail(strings.Index(it.text, "L"), weekdayForms, "%s is not known", it.text)
	case !last:
		return false, nil
	case day == "":
		s.days.week |= 1 << 6
		return true, nil
	}
	weekday, err := it.value(day, 0)
	if err == nil {
		s.days.last |= 1 << (weekday - 1)
	}
	return true, err
}
