package cron_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tributary-search/tributary/runtime/cron"
)

// drawn is a random schedule: its text, and functions that tell by counting
// days whether a field selects a value. Nothing of it is parsed.
type drawn struct {
	text                        [6]string
	second, minute, hour, month func(int) bool
	dayOfMonth, dayOfWeek       func(time.Time) bool
	everyHour                   bool
}

func (d *drawn) expr() string { return strings.Join(d.text[:], " ") }

// selects reports whether a date and time of day, given in UTC, is selected.
func (d *drawn) selects(c time.Time) bool {
	return d.second(c.Second()) && d.minute(c.Minute()) && d.hour(c.Hour()) && d.month(int(c.Month())) && d.dayOfMonth(c) && d.dayOfWeek(c)
}

// list draws a list of values, ranges and steps.
func list(t *rapid.T, name string, low, high int, spell func(int) string) (string, func(int) bool) {
	var texts []string
	set := map[int]bool{}
	for range rapid.SampledFrom([]int{1, 1, 1, 2, 3}).Draw(t, name+" members") {
		a, b := rapid.IntRange(low, high).Draw(t, name+" from"), rapid.IntRange(low, high).Draw(t, name+" to")
		step := rapid.IntRange(1, high-low+1).Draw(t, name+" step")
		kind := rapid.SampledFrom([]string{"value", "value", "range", "steps", "range steps", "all", "all steps"}).Draw(t, name)
		switch kind {
		case "value":
			texts, set[a] = append(texts, spell(a)), true
			continue
		case "range":
			texts, step = append(texts, spell(a)+"-"+spell(b)), 1
		case "steps":
			texts, b = append(texts, fmt.Sprintf("%s/%d", spell(a), step)), high
		case "range steps":
			texts = append(texts, fmt.Sprintf("%s-%s/%d", spell(a), spell(b), step))
		case "all":
			texts, a, b, step = append(texts, "*"), low, high, 1
		case "all steps":
			texts, a, b = append(texts, fmt.Sprintf("*/%d", step)), low, high
		}
		for v, n := a, 0; ; n++ { // walk to b, over the end if need be
			if n%step == 0 {
				set[v] = true
			}
			if v == b {
				break
			}
			if v++; v > high {
				v = low
			}
		}
	}
	return strings.Join(texts, ","), func(v int) bool { return set[v] }
}

func number(n int) string { return fmt.Sprint(n) }

func named(names string, low int) func(int) string {
	return func(n int) string { return strings.Fields(names)[n-low] }
}

// lastDay is the last day of the month of a date.
func lastDay(c time.Time) time.Time {
	for c.AddDate(0, 0, 1).Month() == c.Month() {
		c = c.AddDate(0, 0, 1)
	}
	return c
}

// nearest tries the days around one for the working day that W means.
func nearest(c time.Time) time.Time {
	for _, distance := range []int{0, -1, 1, -2, 2} {
		d := c.AddDate(0, 0, distance)
		if wd := d.Weekday(); d.Month() == c.Month() && wd != time.Saturday && wd != time.Sunday {
			return d
		}
	}
	return c
}

func drawDates(t *rapid.T) (string, func(time.Time) bool) {
	n := rapid.IntRange(0, 30).Draw(t, "days before the end")
	switch rapid.SampledFrom([]string{"list", "list", "L", "L-n", "nW", "LW", "L-nW"}).Draw(t, "dates") {
	case "L":
		return "L", func(c time.Time) bool { return c.Day() == lastDay(c).Day() }
	case "L-n":
		return fmt.Sprintf("L-%d", n), func(c time.Time) bool { return c.Day() == lastDay(c).Day()-n }
	case "nW":
		return fmt.Sprintf("%dW", n+1), func(c time.Time) bool {
			return n+1 <= lastDay(c).Day() && c.Day() == nearest(c.AddDate(0, 0, n+1-c.Day())).Day()
		}
	case "LW":
		return "LW", func(c time.Time) bool { return c.Day() == nearest(lastDay(c)).Day() }
	case "L-nW":
		return fmt.Sprintf("L-%dW", n), func(c time.Time) bool {
			return lastDay(c).Day() > n && c.Day() == nearest(lastDay(c).AddDate(0, 0, -n)).Day()
		}
	}
	text, has := list(t, "date", 1, 31, number)
	return text, func(c time.Time) bool { return has(c.Day()) }
}

func drawWeekdays(t *rapid.T) (string, func(time.Time) bool) {
	spell := rapid.SampledFrom([]func(int) string{number, named("SUN MON TUE WED THU FRI SAT", 1), named("Sunday monday tues Wed thurs FRIDAY saT", 1)}).Draw(t, "spelling")
	wd, n := rapid.IntRange(1, 7).Draw(t, "weekday"), rapid.IntRange(1, 5).Draw(t, "nth")
	switch rapid.SampledFrom([]string{"list", "list", "last", "nth"}).Draw(t, "weekdays") {
	case "last":
		return spell(wd) + "L", func(c time.Time) bool {
			return int(c.Weekday())+1 == wd && c.AddDate(0, 0, 7).Month() != c.Month()
		}
	case "nth":
		return fmt.Sprintf("%s#%d", spell(wd), n), func(c time.Time) bool { return int(c.Weekday())+1 == wd && (c.Day()+6)/7 == n }
	}
	text, has := list(t, "weekday", 1, 7, spell)
	return text, func(c time.Time) bool { return has(int(c.Weekday()) + 1) }
}

func always(time.Time) bool { return true }

func draw(t *rapid.T) *drawn {
	d := &drawn{dayOfMonth: always, dayOfWeek: always}
	d.text[0], d.second = list(t, "second", 0, 59, number)
	d.text[1], d.minute = list(t, "minute", 0, 59, number)
	d.text[2], d.hour = list(t, "hour", 0, 23, number)
	d.text[4], d.month = list(t, "month", 1, 12, rapid.SampledFrom([]func(int) string{
		number, named("JAN feb March apr MAY june Jul AUG sept OCT nov December", 1)}).Draw(t, "spelling"))
	d.text[3], d.text[5] = "?", "?"
	which := rapid.SampledFrom([]string{"dates", "dates", "weekdays", "weekdays", "both", "neither"}).Draw(t, "days")
	if which == "dates" || which == "both" {
		d.text[3], d.dayOfMonth = drawDates(t)
	}
	if which == "weekdays" || which == "both" {
		d.text[5], d.dayOfWeek = drawWeekdays(t)
	}
	d.everyHour = true
	for h := range 24 {
		d.everyHour = d.everyHour && d.hour(h)
	}
	return d
}

// clock is what the zone's clock shows, as a date and time in UTC.
func clock(at time.Time) time.Time {
	y, m, d := at.Date()
	return time.Date(y, m, d, at.Hour(), at.Minute(), at.Second(), 0, time.UTC)
}

// occurs decides by the definition in the package's documentation whether a
// schedule is due at an instant.
func (d *drawn) occurs(at time.Time) bool {
	now, before := clock(at), clock(at.Add(-time.Second))
	if d.selects(now) && (d.everyHour || !shownBefore(at)) {
		return true
	}
	if d.everyHour {
		return false
	}
	for c := before.Add(time.Second); c.Before(now); c = c.Add(time.Second) {
		if d.selects(c) {
			return true // skipped: this is the first instant after it
		}
	}
	return false
}

// shownBefore reports whether the clock showed the same a short time ago.
func shownBefore(at time.Time) bool {
	for ago := 15 * time.Minute; ago <= 3*time.Hour; ago += 15 * time.Minute {
		if clock(at.Add(-ago)).Equal(clock(at)) {
			return true
		}
	}
	return false
}

// TestNextAgreesWithTheDefinition tries every second for which there may be an
// occurrence, one after the other.
func TestNextAgreesWithTheDefinition(t *testing.T) {
	zones := []*time.Location{time.UTC}
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kathmandu", "America/Havana"} {
		zones = append(zones, zone(t, name))
	}
	var starts []time.Time // the year through, and close to changes of the clock
	for _, text := range []string{
		"2026-01-30T00:00:00Z", "2028-02-28T12:00:00Z", "2026-03-28T23:10:00Z", "2026-10-24T23:10:00Z", "2026-03-08T05:30:00Z", "2026-11-01T04:10:00Z",
		"2026-04-04T13:40:00Z", "2026-10-03T14:20:00Z", "2026-04-23T20:50:00Z", "2026-10-29T19:45:00Z", "2026-03-08T04:20:00Z", "2026-12-31T22:00:00Z",
	} {
		starts = append(starts, at(t, text))
	}
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		loc := rapid.SampledFrom(zones).Draw(t, "zone")
		from := rapid.SampledFrom(starts).Draw(t, "from").In(loc)
		s, err := cron.Parse(d.expr())
		require.NoError(t, err)
		next, ok := s.Next(from)
		want, found := d.search(from, 40*24*time.Hour)
		if !found {
			require.True(t, !ok || next.After(from.Add(40*24*time.Hour)), "%s after %s: got %s, which is none", d.expr(), from, next)
			return
		}
		require.True(t, ok, "%s after %s: want %s", d.expr(), from, want)
		require.Equal(t, want.String(), next.String(), "%s after %s", d.expr(), from)
	})
}

// search tries the seconds of all minutes that may be selected.
func (d *drawn) search(from time.Time, within time.Duration) (time.Time, bool) {
	for at := from.Add(time.Second); at.Before(from.Add(within)); {
		minute := at.Truncate(time.Minute).Add(time.Minute)
		if now := clock(at); !d.mayOccur(now) && clock(at.Add(-time.Minute)).Equal(now.Add(-time.Minute)) {
			at = minute
			continue
		}
		for ; at.Before(minute); at = at.Add(time.Second) {
			if d.occurs(at) {
				return at, true
			}
		}
	}
	return time.Time{}, false
}

// mayOccur reports whether some second of a minute is selected.
func (d *drawn) mayOccur(c time.Time) bool {
	return d.minute(c.Minute()) && d.hour(c.Hour()) && d.month(int(c.Month())) && d.dayOfMonth(c) && d.dayOfWeek(c)
}

// TestNextIsStrictlyAfterAndSelected is the cheap half of the definition, over
// all years.
func TestNextIsStrictlyAfterAndSelected(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		s, err := cron.Parse(d.expr())
		require.NoError(t, err)
		from := time.Unix(rapid.Int64Range(-1<<33, 1<<33).Draw(t, "from"), 0).UTC()
		var all []time.Time
		for range 5 {
			next, ok := s.Next(from)
			if !ok {
				break
			}
			require.True(t, next.After(from))
			require.True(t, d.selects(next), "%s at %s", d.expr(), next)
			all, from = append(all, next), next
		}
		require.True(t, slices.IsSortedFunc(all, time.Time.Compare))
	})
}
