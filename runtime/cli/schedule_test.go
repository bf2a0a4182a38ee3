package cli_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestScheduleNext(t *testing.T) {
	m := newMachine(t)
	berlin := []string{"--zone", "Europe/Berlin", "--json"}
	lines := m.run(append([]string{"schedule", "next", "0 30 2 * * ?", "-n", "2", "--from", "2026-03-28T12:00"}, berlin...)...).wants(0).lines()
	require.Equal(t, []map[string]any{
		{"type": "occurrence", "time": "2026-03-29T03:00:00+02:00", "change": "skipped", "selected": "2026-03-29T02:30:00"},
		{"type": "occurrence", "time": "2026-03-30T02:30:00+02:00", "change": "none", "selected": "2026-03-30T02:30:00"},
		{"type": "schedule", "expression": "0 30 2 * * ?", "zone": "Europe/Berlin", "from": "2026-03-28T12:00:00+01:00", "count": 2.0, "ends": false},
	}, lines)
	// Words need no quotes where the shell leaves them alone.
	lines = m.run(append([]string{"schedule", "next", "0", "30", "*", "25", "OCT", "?", "-n", "3", "--from", "2026-10-25T01:45:00+02:00"}, berlin...)...).wants(0).lines()
	require.Equal(t, "first_time", lines[0]["change"])
	require.Equal(t, "again", lines[1]["change"])
	require.Equal(t, "2026-10-25T02:30:00+01:00", lines[1]["time"])

	require.Equal(t, ""+
		"Sun 2026-10-25 02:30:00 +02:00  the clock shows this time twice: the first time\n"+
		"Mon 2026-10-26 02:30:00 +01:00\n",
		m.run("schedule", "next", "0 30 2 * * ?", "-n", "2", "--zone", "Europe/Berlin", "--from", "2026-10-25").wants(0).stdout)
	m.run("schedule", "next", "0 30 2 * * ?", "-n", "1", "--zone", "Europe/Berlin", "--from", "2026-03-29").wants(0).
		says("Sun 2026-03-29 03:00:00 +02:00  the clock skips 02:30:00: the first instant after the gap\n")
	require.Equal(t, 6, len(m.run("schedule", "next", "0 0 0 * * ?", "--json").wants(0).lines()), "five from now")
}

func TestScheduleNextEnds(t *testing.T) {
	m := newMachine(t)
	from := []string{"--from", "2026-01-01"}
	next := func(expr string, more ...string) result {
		return m.run(append(append([]string{"schedule", "next", expr}, from...), more...)...).wants(0)
	}
	require.Equal(t, "never after Thu 2026-01-01 00:00:00 +00:00: the years go to 2199\n", next("0 0 0 30 2 ?").stdout)
	next("0 0 0 24 12 ? 2026").says("Thu 2026-12-24 00:00:00 +00:00\nnone after that")
	require.Equal(t, map[string]any{"type": "schedule", "expression": "0 0 0 30 2 ?", "zone": "UTC", "from": "2026-01-01T00:00:00Z", "count": 0.0, "ends": true},
		next("0 0 0 30 2 ?", "--json").last())
	require.Equal(t, true, next("0 0 0 1-5 1 ? 2027", "--json").last()["ends"], "five of five")
	require.Equal(t, false, next("0 0 0 1-6 1 ? 2027", "--json").last()["ends"], "five of six")
	require.Contains(t, next("0 0 0 13 * FRI").stderr, "both given")
}

func TestScheduleNextMistakes(t *testing.T) {
	m := newMachine(t)
	stderr := func(args ...string) string {
		return m.run(append([]string{"schedule", "next"}, args...)...).wants(2).stderr
	}
	require.Contains(t, stderr("0 0\t25 * * ?"), "hour, column 5: 25 is above 23; hours go from 0, midnight, to 23\n"+
		"tributary:   0 0 25 * * ?\n"+
		"tributary:       ^\n")
	require.Contains(t, stderr("0 0 0 ? * MOM", "--json"), "did you mean MON?")
	require.Contains(t, stderr("*/5 * * * *"), `put "0 " before it`)
	require.Contains(t, stderr(""), "there is nothing")
	require.Contains(t, stderr(), "EXPR is missing")
	require.Contains(t, stderr("0 0 0 * * ?", "--zone", "Europe/Berln"), `--zone "Europe/Berln" is not known`)
	require.Contains(t, stderr("0 0 0 * * ?", "--from", "tomorrow"), `--from "tomorrow" is no date or time`)
	require.Contains(t, stderr("0 0 0 * * ?", "-n", "0"), "--count must be between 1 and 10000")
}
