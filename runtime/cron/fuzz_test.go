package cron_test

import (
	"errors"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/tributary-search/tributary/runtime/cron"
)

// FuzzParse looks for a panic, a hang, an error without a place, and an
// occurrence that is not after the time asked from.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"0 0 0 * * ?", "0 0 0 ? * *", "0/5 * * * * ? 2027-2029/2", "0 0/15 9-17 ? * MON-FRI", "0 0 22-2/2 28-3 NOV-FEB ?", "0 0 0 L,L-3,15W,LW,L-30W * ?",
		"0 0 0 ? * 6L,FRIL,2#1,FRI#5,L", "0 0 0 29 2 FRI", "0 0 0 30 2 ?", "*/5 * * * *", "@daily", "0 0 0 1 Sept Tues", "0 , 5- /0 L#W ? 99999999999999999999",
		"0\u00a00\u20030 * * ſun", "\xff 0 0 * * ?", "59 59 23 31 12 ? 2199", "?/? *-* -/- L-L W-W #", "1970 1970 1970 1970 1970 1970 1970",
	} {
		f.Add(seed, int64(1_774_746_000))
	}
	berlin := zone(f, "Europe/Berlin")
	f.Fuzz(func(t *testing.T, expr string, from int64) {
		s, err := cron.Parse(expr)
		if err != nil {
			var e *cron.Error
			if !errors.As(err, &e) || e.Field == "" || e.Problem == "" || e.Remedy == "" {
				t.Fatalf("%q: an error without a place or a remedy: %v", expr, err)
			}
			if e.Column < 1 || e.Column > utf8.RuneCountInString(expr)+1 {
				t.Fatalf("%q: column %d is not in it", expr, e.Column)
			}
			return
		}
		for _, after := range []time.Time{time.Unix(from, 0).UTC(), time.Unix(from, 0).In(berlin)} {
			for range 3 {
				next, ok := s.Next(after)
				if !ok {
					break
				}
				if !next.After(after) || next.Year() < cron.FirstYear || next.Year() > cron.LastYear {
					t.Fatalf("%q: %s does not come after %s", expr, next, after)
				}
				after = next
			}
		}
	})
}
