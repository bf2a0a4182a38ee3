package cron_test

import (
	"testing"
	"time"

	"github.com/tributary-search/tributary/runtime/cron"
)

func BenchmarkParse(b *testing.B) {
	for name, expr := range map[string]string{
		"daily":  "0 0 0 * * ?",
		"office": "0 0/15 9-17 ? * MON-FRI",
		"long":   "0,15,30,45 0/5,59 22-2 L-3W,15W,LW,1-7 JAN-MAR,NOV FRI#3,MONL,TUE 2026-2040/2",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := cron.Parse(expr); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkNext(b *testing.B) {
	from := time.Date(2026, time.November, 24, 12, 0, 30, 0, time.UTC)
	for _, c := range []struct{ name, zone, expr string }{
		{"daily", "UTC", "0 0 0 * * ?"},
		{"daily", "Europe/Berlin", "0 0 0 * * ?"},
		{"every second", "Europe/Berlin", "* * * * * ?"},
		{"office", "UTC", "0 0/15 9-17 ? * MON-FRI"},
		{"last working day", "America/New_York", "0 0 9 LW * ?"},
		{"leap day on a Friday", "UTC", "0 0 0 29 2 FRI"},
		{"leap day on a Friday", "Europe/Berlin", "0 0 0 29 2 FRI"},
		{"30 February", "UTC", "0 0 0 30 2 ?"},
		{"over, every month", "Europe/Berlin", "0 0 0 * * ? 2025"},
		{"fifth Sunday on the first", "UTC", "0 0 0 1 * SUN#5"},
	} {
		b.Run(c.name+" "+c.zone, func(b *testing.B) {
			s, after := parse(b, c.expr), from.In(zone(b, c.zone))
			b.ReportAllocs()
			for b.Loop() {
				s.Next(after)
			}
		})
	}
}

// TestNextAllocatesNothing keeps idle connectors free.
func TestNextAllocatesNothing(t *testing.T) {
	for _, expr := range []string{"0 0 0 * * ?", "0 30 2 ? MAR SUNL", "0 0 0 29 2 FRI", "0 0 0 30 2 ?", "0 0 0 L-3W,15W * ?"} {
		s, after := parse(t, expr), time.Date(2026, time.January, 1, 0, 0, 0, 0, zone(t, "Europe/Berlin"))
		if n := testing.AllocsPerRun(100, func() { s.Next(after) }); n != 0 {
			t.Errorf("%s: %v allocations", expr, n)
		}
	}
}
