package cron_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/cron"
)

func parse(t testing.TB, expr string) cron.Schedule {
	t.Helper()
	s, err := cron.Parse(expr)
	require.NoError(t, err)
	return s
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	require.NoError(t, err)
	return loc
}

func at(t testing.TB, text string) time.Time {
	t.Helper()
	tm, err := time.Parse(time.RFC3339Nano, text)
	require.NoError(t, err)
	return tm.UTC()
}

func TestDueIsOneRunHoweverManyWereMissed(t *testing.T) {
	for name, c := range map[string]struct {
		expr, last, now string
		want            bool
	}{
		"nothing between":           {"0 0 * * * ?", "2026-01-01T00:10:00Z", "2026-01-01T00:59:59.9Z", false},
		"now is the occurrence":     {"0 0 * * * ?", "2026-01-01T00:10:00Z", "2026-01-01T01:00:00Z", true},
		"last is the occurrence":    {"0 0 * * * ?", "2026-01-01T01:00:00Z", "2026-01-01T01:30:00Z", false},
		"just before, just after":   {"0 0 * * * ?", "2026-01-01T00:59:59.999Z", "2026-01-01T01:00:00Z", true},
		"a fraction after the last": {"0 0 * * * ?", "2026-01-01T01:00:00.001Z", "2026-01-01T01:59:59Z", false},
		"a week of downtime":        {"0 0 * * * ?", "2026-01-01T00:00:00Z", "2026-01-08T00:00:00Z", true},
		"the clock was set back":    {"* * * * * ?", "2026-01-01T01:00:00Z", "2026-01-01T00:00:00Z", false},
		"now is last":               {"* * * * * ?", "2026-01-01T01:00:00Z", "2026-01-01T01:00:00Z", false},
		"never":                     {"0 0 0 30 2 ?", "1970-01-01T00:00:00Z", "2199-12-31T00:00:00Z", false},
		"before all years":          {"0 0 0 1 1 ?", "0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", true},
		"after all years":           {"* * * * * ?", "2200-01-01T00:00:00Z", "9999-01-01T00:00:00Z", false},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, parse(t, c.expr).Due(at(t, c.last), at(t, c.now)))
		})
	}
	// A service that asks every 7 minutes and keeps now as last runs every
	// occurrence once, and the hours of its downtime once together.
	s, runs := parse(t, "0 0 * * * ?"), 0
	last, down := at(t, "2026-01-01T00:00:00Z"), at(t, "2026-01-01T12:00:00Z")
	for now := last; now.Before(down.Add(12 * time.Hour)); now = now.Add(7 * time.Minute) {
		if now.After(down) && now.Before(down.Add(6*time.Hour+30*time.Minute)) {
			continue
		}
		if s.Due(last, now) {
			runs++
			last = now
		}
	}
	require.Equal(t, 11+1+5, runs) // 01:00 to 11:00; 12:00 to 18:00 as one; 19:00 to 23:00
}

func TestInReadsTheClockOfAZone(t *testing.T) {
	tokyo, from := zone(t, "Asia/Tokyo"), at(t, "2026-01-01T00:00:00Z")
	s := parse(t, "0 0 9 * * ?")
	next, ok := s.In(tokyo).Next(from)
	require.True(t, ok)
	require.Equal(t, "2026-01-02T09:00:00+09:00", next.Format(time.RFC3339))
	next, _ = s.Next(from) // s is unchanged
	require.Equal(t, "2026-01-01T09:00:00Z", next.Format(time.RFC3339))
	next, _ = s.In(tokyo).In(nil).Next(from)
	require.Equal(t, "2026-01-01T09:00:00Z", next.Format(time.RFC3339))
}

func TestNextInOddTimes(t *testing.T) {
	s := parse(t, " 0 0 0 * * ? ")
	require.Equal(t, "0 0 0 * * ?", s.String())
	next, ok := s.Next(time.Time{})
	require.True(t, ok)
	require.Equal(t, "1970-01-01T00:00:00Z", next.Format(time.RFC3339))
	next, ok = s.In(zone(t, "Europe/Berlin")).Next(time.Time{})
	require.True(t, ok)
	require.Equal(t, "1970-01-01T00:00:00+01:00", next.Format(time.RFC3339))
	_, ok = s.Next(time.Unix(1<<60, 0))
	require.False(t, ok)
	next, ok = s.Next(time.Unix(-1<<60, 0).UTC())
	require.True(t, ok)
	require.Equal(t, 1970, next.Year())
	_, ok = cron.Schedule{}.Next(time.Time{})
	require.False(t, ok)
}

func TestOccurrencesTellWhatTheClockDid(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	for name, c := range map[string]struct {
		expr, from string
		want       []string
		changes    []cron.Change
		selected   []string
	}{
		"skipped": {
			"0 30 2 * * ?", "2026-03-28T12:00:00Z",
			[]string{"2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"},
			[]cron.Change{cron.Skipped, cron.Unchanged},
			[]string{"2026-03-29T02:30:00Z", "2026-03-30T02:30:00Z"},
		},
		"the end of the gap itself": {
			"0 0 3 * * ?", "2026-03-28T12:00:00Z",
			[]string{"2026-03-29T03:00:00+02:00"},
			[]cron.Change{cron.Unchanged},
			[]string{"2026-03-29T03:00:00Z"},
		},
		"one after the other": {
			"* * * * * ?", "2026-01-01T00:00:00Z",
			[]string{"2026-01-01T01:00:01+01:00", "2026-01-01T01:00:02+01:00"},
			[]cron.Change{cron.Unchanged, cron.Unchanged},
			[]string{"2026-01-01T01:00:01Z", "2026-01-01T01:00:02Z"},
		},
		"twice, run once": {
			"0 30 2 * * ?", "2026-10-24T12:00:00Z",
			[]string{"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"},
			[]cron.Change{cron.FirstTime, cron.Unchanged},
			[]string{"2026-10-25T02:30:00Z", "2026-10-26T02:30:00Z"},
		},
		"twice, run twice": {
			"0 0 * * * ?", "2026-10-24T22:30:00Z",
			[]string{"2026-10-25T01:00:00+02:00", "2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T03:00:00+01:00"},
			[]cron.Change{cron.Unchanged, cron.FirstTime, cron.Again, cron.Unchanged},
			[]string{"2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z", "2026-10-25T02:00:00Z", "2026-10-25T03:00:00Z"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got, selected []string
			var changes []cron.Change
			for o := range parse(t, c.expr).In(berlin).Occurrences(at(t, c.from)) {
				got, changes = append(got, o.Time.Format(time.RFC3339)), append(changes, o.Change)
				selected = append(selected, o.Selected.Format(time.RFC3339))
				if len(got) == len(c.want) {
					break
				}
			}
			require.Equal(t, c.want, got)
			require.Equal(t, c.changes, changes)
			require.Equal(t, c.selected, selected)
		})
	}
	for range parse(t, "0 0 0 30 2 ?").Occurrences(time.Time{}) {
		require.Fail(t, "30 February")
	}
}

func TestBothDays(t *testing.T) {
	for expr, want := range map[string]bool{
		"0 0 0 13 * FRI": true, "0 0 0 L * FRI#1": true, "0 0 0 15W * SAT": true,
		"0 0 0 13 * ?": false, "0 0 0 ? * FRI": false, "0 0 0 * * *": false, "0 0 0 1-31 * FRI": false, "0 0 0 13 * 1-7": false, "0 0 0 ? * ?": false,
	} {
		require.Equal(t, want, parse(t, expr).BothDays(), expr)
	}
}

// TestNextThroughAllYears goes over every end of a year and every change of the
// clock to come.
func TestNextThroughAllYears(t *testing.T) {
	for _, name := range []string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Auckland", "Asia/Kolkata"} {
		s := parse(t, "59 59 23 31 12 ?").In(zone(t, name))
		year := 2026
		for o := range s.Occurrences(at(t, "2026-06-01T00:00:00Z")) {
			require.Equal(t, year, o.Time.Year(), name)
			year++
		}
		require.Equal(t, cron.LastYear+1, year, name)
		s, days := parse(t, "0 30 2 ? * *").In(zone(t, name)), 0
		last := time.Date(2040, time.January, 1, 2, 30, 0, 0, zone(t, name))
		for o := range s.Occurrences(last) {
			if o.Time.Year() >= 2045 {
				break
			}
			require.InDelta(t, 24, o.Time.Sub(last).Hours(), 1, name)
			last, days = o.Time, days+1
		}
		require.Equal(t, 5*365+2-1, days, name)
	}
}
