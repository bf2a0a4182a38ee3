package cron_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/cron"
)

// TestErrors gives each wrong expression the place under which the caret
// stands, and words of the problem and the remedy.
func TestErrors(t *testing.T) {
	for _, c := range []struct{ expr, field, caret, problem, remedy string }{
		{"", "second", "^", "there is nothing", "0 0 0 * * ?"},
		{" \t ", "second", "^", "there is nothing", "0 0 0 * * ?"},
		{"*/5 * * * *", "second", "^", "5 fields are Unix cron", `put "0 " before it`},
		{"  0 2 * * MON", "second", "  ^", "5 fields are Unix cron", `put "0 " before it`},
		{"0 2 * * 1-5", "second", "^", "5 fields are Unix cron", "name the weekdays"},
		{"0 2 * *", "month", "       ^", "missing", "write second, minute"},
		{"every day", "hour", "         ^", "missing", "write second, minute"},
		{"0 0 0 * * ? * *", "year", "              ^", "nothing can follow", "write second, minute"},
		{"@daily", "second", "^", "begin with @", "write 0 0 0 * * ?"},
		{"@Hourly", "second", "^", "begin with @", "write 0 0 * * * ?"},
		{"@reboot", "second", "^", "begin with @", "write second, minute"},

		{"60 0 0 * * ?", "second", "^", "60 is above 59", "0 to 59"},
		{"0 75 0 * * ?", "minute", "  ^", "75 is above 59", "0 to 59"},
		{"0 0 24 * * ?", "hour", "    ^", "24 is above 23", "0, midnight, to 23"},
		{"0 0 0 32 * ?", "day of month", "      ^", "32 is above 31", "L is the last"},
		{"0 0 0 0 * ?", "day of month", "      ^", "0 is below 1", "1 to 31"},
		{"0 0 0 * 13 ?", "month", "        ^", "13 is above 12", "JAN to DEC"},
		{"0 0 0 ? * 0", "day of week", "          ^", "0 is below 1", "1, Sunday, to 7"},
		{"0 0 0 ? * 8", "day of week", "          ^", "8 is above 7", "SUN to SAT"},
		{"0 0 0 * * ? 1969", "year", "            ^", "1969 is below 1970", "1970 to 2199"},
		{"0 0 0 * * ? 2200", "year", "            ^", "2200 is above 2199", "1970 to 2199"},
		{"0 99999999999999999999 0 * * ?", "minute", "  ^", "is above 59", "0 to 59"},
		{"0 0  1,30,24 * * ?", "hour", "       ^", "30 is above 23", "0, midnight, to 23"},
		{"0 10-70 0 * * ?", "minute", "     ^", "70 is above 59", "0 to 59"},

		{"0 */0 * * * ?", "minute", "    ^", "0 is below 1", "steps go from 1 to 60"},
		{"0 */90 * * * ?", "minute", "    ^", "90 is above 60", "steps go from 1 to 60"},
		{"0 0 5/ * * ?", "hour", "      ^", "a value is missing", "steps go from 1 to 24"},
		{"0 0 5/2/3 * * ?", "hour", "       ^", `'/' has no meaning here`, "steps go from 1 to 24"},
		{"0 0 / * * ?", "hour", "     ^", "a value is missing", "steps go from 1 to 24"},
		{"0 -5 * * * ?", "minute", "  ^", "a value is missing", "0 to 59"},
		{"0 5- * * * ?", "minute", "    ^", "a value is missing", "0 to 59"},
		{"0 5-6-7 * * * ?", "minute", "     ^", `'-' has no meaning here`, "0 to 59"},
		{"0 *-5 * * * ?", "minute", "  ^", `'*' has no meaning here`, "0 to 59"},
		{"0 **/5 * * * ?", "minute", "  ^", `'*' has no meaning here`, "0 to 59"},
		{"0 ,5 * * * ?", "minute", "  ^", "a value is missing", "remove the comma"},
		{"0 5, * * * ?", "minute", "    ^", "a value is missing", "remove the comma"},
		{"0 5,,6 * * * ?", "minute", "    ^", "a value is missing", "remove the comma"},
		{"0 0 0 ?/2 * MON", "day of month", "      ^", "? stands alone", "write *"},
		{"0 0 0 * * ? 2030-2026", "year", "            ^", "2030-2026 runs backwards", "earlier year first"},
		{"0 5.5 * * * ?", "minute", "   ^", `'.' has no meaning here`, "digits, names"},
		{"0 0 0 ? * MON–FRI", "day of week", "             ^", `'–' has no meaning here`, "digits, names"},
		{"0 0 0\u00a0*\u2003* ſun", "day of week", "          ^", `'ſ' has no meaning here`, "digits, names"},
		{"0 0 0 * * \xff", "day of week", "          ^", "has no meaning here", "digits, names"},

		{"0 0 0 ? * MOM", "day of week", "          ^", `"MOM" is not known`, "did you mean MON?"},
		{"0 0 0 1 jum ?", "month", "        ^", `"JUM" is not known`, "JAN to DEC"},
		{"0 0 0 ? * MON-FIR", "day of week", "              ^", `"FIR" is not known`, "did you mean FRI?"},
		{"0 0 0 ? * Wendesday", "day of week", "          ^", `"WENDESDAY" is not known`, "did you mean WED?"},
		{"0 0 0 ? * MO", "day of week", "          ^", `"MO" is not known`, "did you mean MON?"},
		{"0 0 0 ? * XYZ", "day of week", "          ^", `"XYZ" is not known`, "SUN to SAT"},
		{"0 0 0 1 FBE ?", "month", "        ^", `"FBE" is not known`, "did you mean FEB?"},
		{"0 0 0 1 JANU,FEBRAURY ?", "month", "             ^", `"FEBRAURY" is not known`, "did you mean FEB?"},
		{"0 0 MON * * ?", "hour", "    ^", `"MON" is not known`, "0, midnight, to 23"},

		{"0 0 0 W * ?", "day of month", "      ^", "working day nearest", "MON-FRI in day of week"},
		{"0 0 0 WL * ?", "day of month", "      ^", "WL is not known", "did you mean LW?"},
		{"0 0 0 W15 * ?", "day of month", "      ^", "W15 is not known", "15W"},
		{"0 0 0 15L * ?", "day of month", "        ^", "15L is not known", "L-3"},
		{"0 0 0 32W * ?", "day of month", "      ^", "32 is above 31", "15W"},
		{"0 0 0 1-5W * ?", "day of month", "       ^", `'-' has no meaning here`, "15W"},
		{"0 0 0 L3 * ?", "day of month", "       ^", `'3' cannot follow L`, "L-3"},
		{"0 0 0 L- * ?", "day of month", "        ^", "a value is missing", "30 days at most"},
		{"0 0 0 L-31 * ?", "day of month", "        ^", "31 is above 30", "30 days at most"},
		{"0 0 0 1,LW-2 * ?", "day of month", "         ^", "LW-2 is not known", "L-3W"},
		{"0 0 0 L/2 * ?", "day of month", "       ^", `'/' cannot follow L`, "L-3"},
		{"0 0 0 ? * L5", "day of week", "          ^", "L5 is not known", "6L or FRIL"},
		{"0 0 0 ? * 6L-3", "day of week", "           ^", "6L-3 is not known", "6L or FRIL"},
		{"0 0 0 ? * 9L", "day of week", "          ^", "9 is above 7", "SUN to SAT"},
		{"0 0 0 ? * FRI#6", "day of week", "              ^", "6 is above 5", "1 to 5"},
		{"0 0 0 ? * FRI#0", "day of week", "              ^", "0 is below 1", "1 to 5"},
		{"0 0 0 ? * FRI#", "day of week", "              ^", "a value is missing", "1 to 5"},
		{"0 0 0 ? * #2", "day of week", "          ^", "a value is missing", "SUN to SAT"},
		{"0 0 0 ? * FRI#1#2", "day of week", "               ^", `'#' has no meaning here`, "1 to 5"},
		{"0 0 0 1#2 * ?", "day of month", "       ^", `'#' has no meaning here`, "1 to 31"},
	} {
		t.Run(c.expr, func(t *testing.T) {
			_, err := cron.Parse(c.expr)
			var e *cron.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, c.field, e.Field, e)
			require.Equal(t, c.expr+"\n"+c.caret, c.expr+"\n"+strings.Repeat(" ", e.Column-1)+"^", e)
			require.Contains(t, e.Problem, c.problem)
			require.Contains(t, e.Remedy, c.remedy)
		})
	}
}

func TestErrorIsOneLine(t *testing.T) {
	_, err := cron.Parse("0 0\n25 * * ?")
	require.EqualError(t, err, `schedule "0 0\n25 * * ?": hour, column 5: 25 is above 23; hours go from 0, midnight, to 23`)
	_, err = cron.Parse("0 0 " + strings.Repeat("1,", 1000) + "24 * * ?")
	var e *cron.Error
	require.True(t, errors.As(err, &e))
	require.Equal(t, 2005, e.Column)
	require.Less(t, len(err.Error()), 300)
}
