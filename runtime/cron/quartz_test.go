package cron_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/reugn/go-quartz/quartz"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tributary-search/tributary/runtime/cron"
)

// theirs asks go-quartz for the next occurrence.
func theirs(expr string, after time.Time) (time.Time, error) {
	trigger, err := quartz.NewCronTriggerWithLoc(expr, after.Location())
	if err != nil {
		return time.Time{}, err
	}
	next, err := trigger.NextFireTime(after.UnixNano())
	return time.Unix(0, next).In(after.Location()), err
}

// agreed draws an expression of the dialect that go-quartz reads as Quartz
// does. What is left out is what TestWhereGoQuartzIsWrong shows.
func agreed(t *rapid.T) string {
	field := func(name string, low, high int) string {
		a := rapid.IntRange(low, high).Draw(t, name+" from")
		b := rapid.IntRange(a, high).Draw(t, name+" to")
		step := rapid.IntRange(1, high-low).Draw(t, name+" step")
		return rapid.SampledFrom([]string{
			"*", fmt.Sprint(a), fmt.Sprintf("%d-%d", a, b), fmt.Sprintf("*/%d", step), fmt.Sprintf("%d/%d", a, step),
			fmt.Sprintf("%d-%d/%d", a, b, step), fmt.Sprintf("%d,%d", a, b), fmt.Sprintf("%d-%d,%d/%d", a, b, a, step),
		}).Draw(t, name)
	}
	date, weekday := "?", "?"
	if rapid.Bool().Draw(t, "by weekday") {
		name := rapid.SampledFrom([]string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT", "1", "4", "7"}).Draw(t, "weekday")
		weekday = rapid.SampledFrom([]string{name, name + "L", name + "#1", name + "#4", "MON-FRI", "2-6", "MON,WED,FRI", "*/2"}).Draw(t, "weekdays")
	} else {
		date = rapid.SampledFrom([]string{field("date", 1, 28), "L", fmt.Sprintf("L-%d", rapid.IntRange(1, 26).Draw(t, "before")),
			"LW", fmt.Sprintf("%dW", rapid.IntRange(14, 28).Draw(t, "near"))}).Draw(t, "dates")
	}
	month := rapid.SampledFrom([]string{"*", "JAN", "2-6", "MAR,SEP", "*/3", "12"}).Draw(t, "month")
	year := rapid.SampledFrom([]string{"", " *", " 2027", " 2027-2029", " 2028/2"}).Draw(t, "year")
	return field("second", 0, 59) + " " + field("minute", 0, 59) + " " + field("hour", 0, 23) + " " + date + " " + month + " " + weekday + year
}

func TestNextAgreesWithGoQuartz(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		expr := agreed(t)
		from := time.Unix(rapid.Int64Range(1735689600, 1893456000).Draw(t, "from"), 0).UTC() // 2025 to 2029
		if strings.Contains(expr, "W ") {
			from = from.AddDate(0, 0, 10-from.Day()) // go-quartz goes wrong from the day itself
		}
		s, err := cron.Parse(expr)
		require.NoError(t, err)
		next, ok := s.Next(from)
		want, err := theirs(expr, from)
		if err != nil {
			require.False(t, ok, "%s after %s: got %s, go-quartz: %s", expr, from, next, err)
			return
		}
		require.True(t, ok, "%s after %s: go-quartz: %s", expr, from, want)
		require.Equal(t, want, next, "%s after %s", expr, from)
	})
}

// TestWhereGoQuartzIsWrong lists what go-quartz refuses or answers wrongly, so
// that nobody takes its word there. Once it is right a row fails, and moves
// into the property above.
func TestWhereGoQuartzIsWrong(t *testing.T) {
	for _, c := range []struct{ expr, from, right, theirs, why string }{
		{"0 0 0 29 2 ?", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z", "2026-03-01T00:00:00Z", "a date that the month lacks becomes one in the next"},
		{"0 0 0 30 2 ?", "2026-01-01T00:00:00Z", "none", "2026-03-02T00:00:00Z", "the same"},
		{"0 0 0 31W * ?", "2026-02-01T00:00:00Z", "2026-03-31T00:00:00Z", "2026-02-27T00:00:00Z", "W of a date that the month lacks"},
		{"0 0 0 ? * L", "2026-01-05T00:00:00Z", "2026-01-10T00:00:00Z", "2026-01-31T00:00:00Z", "L alone is Saturday, not the last one of the month"},
		{"0 0 12 15W * ?", "2026-02-16T00:00:00Z", "2026-02-16T12:00:00Z", "2026-03-16T12:00:00Z", "the day itself is not over"},
		{"0 0 0,12 LW * ?", "2026-03-31T00:00:00Z", "2026-03-31T12:00:00Z", "2026-04-30T00:00:00Z", "the same"},
		{"0 0 0 2W * ? 2027", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "2027-02-02T00:00:00Z", "the first day of a year that is jumped to"},
		{"0 0 22-2 * * ?", "2026-01-01T12:00:00Z", "2026-01-01T22:00:00Z", "error", "ranges over the end"},
		{"0 0 0 ? * FRI-MON", "2026-01-06T00:00:00Z", "2026-01-09T00:00:00Z", "error", "ranges over the end"},
		{"0 0 0 L,15 * ?", "2026-01-01T00:00:00Z", "2026-01-15T00:00:00Z", "error", "lists with L"},
		{"0 0 0 1W,15W * ?", "2026-01-01T00:00:00Z", "2026-01-15T00:00:00Z", "error", "lists with W"},
		{"0 0 0 ? * 2#1,6#3", "2026-01-01T00:00:00Z", "2026-01-05T00:00:00Z", "error", "lists with #"},
		{"0 0 0 L-3W * ?", "2026-01-01T00:00:00Z", "2026-01-28T00:00:00Z", "error", "L and W together"},
		{"0 0 0 13 * FRI", "2026-01-01T00:00:00Z", "2026-02-13T00:00:00Z", "error", "both day fields"},
		{"0 0 0 ? * friday", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "error", "long names"},
		{"/20 * * * * ?", "2026-01-01T00:00:00Z", "2026-01-01T00:00:20Z", "error", "steps without a start"},
		{"0 0/60 * * * ?", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z", "error", "steps as long as the field"},
		{"0 30 2 * * ?", "2026-03-28T12:00:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00", "Berlin, a time that is skipped"},
		{"0 30 2 * * ?", "2026-10-24T12:00:00+02:00", "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "Berlin, a time that comes twice"},
		{"0 30 * * * ?", "2026-10-25T01:30:00+02:00", "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "Berlin, an hour that comes twice"},
	} {
		t.Run(c.expr, func(t *testing.T) {
			from := at(t, c.from)
			if !strings.HasSuffix(c.from, "Z") {
				from = from.In(zone(t, "Europe/Berlin"))
			}
			right, ok := parse(t, c.expr).Next(from)
			require.Equal(t, c.right, answer(right, ok))
			next, err := theirs(c.expr, from)
			got := answer(next, true)
			if err != nil {
				got = "error"
			}
			require.Equal(t, c.theirs, got, c.why)
		})
	}
}

func answer(next time.Time, ok bool) string {
	if !ok {
		return "none"
	}
	return next.Format(time.RFC3339)
}
