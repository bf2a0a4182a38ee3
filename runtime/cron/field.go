package cron

// field is what one field of an expression may say.
type field struct {
	name     string
	min, max int
	names    []string // of min and what follows, in capitals
	limits   string   // the values in words
	wraps    bool     // ranges may go over the end
	put      func(*Schedule, int)
	// special reads what this field alone can say, or returns false.
	special func(item, *Schedule) (bool, *Error)
}

// fields are the seven in their order.
var fields = [...]field{
	{name: "second", max: 59, limits: "seconds go from 0 to 59", wraps: true,
		put: func(s *Schedule, n int) { s.seconds |= 1 << n }},
	{name: "minute", max: 59, limits: "minutes go from 0 to 59", wraps: true,
		put: func(s *Schedule, n int) { s.minutes |= 1 << n }},
	{name: "hour", max: 23, limits: "hours go from 0, midnight, to 23", wraps: true,
		put: func(s *Schedule, n int) { s.hours |= 1 << n }},
	{name: "day of month", min: 1, max: 31, limits: "days go from 1 to 31, and L is the last", wraps: true,
		put: func(s *Schedule, n int) { s.days.dates |= 1 << n }, special: readDate},
	{name: "month", min: 1, max: 12, names: months, limits: "months go from 1 to 12 or JAN to DEC", wraps: true,
		put: func(s *Schedule, n int) { s.months |= 1 << n }},
	{name: "day of week", min: 1, max: 7, names: weekdays, limits: "weekdays go from 1, Sunday, to 7 or SUN to SAT", wraps: true,
		put: func(s *Schedule, n int) { s.days.week |= 1 << (n - 1) }, special: readWeekday},
	{name: "year", min: FirstYear, max: LastYear, limits: "years go from 1970 to 2199",
		put: func(s *Schedule, n int) { s.years[(n-FirstYear)/64] |= 1 << ((n - FirstYear) % 64) }},
}

// size is the number of its values.
func (f *field) size() int { return f.max - f.min + 1 }

var months = []string{
	"JANUARY", "FEBRUARY", "MARCH", "APRIL", "MAY", "JUNE",
	"JULY", "AUGUST", "SEPTEMBER", "OCTOBER", "NOVEMBER", "DECEMBER",
}

var weekdays = []string{"SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"}
