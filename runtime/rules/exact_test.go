package rules_test

import (
	"fmt"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tributary-search/tributary/runtime/rules"
)

// verdict tells whether a rule on the field f matches a value.
func verdict(t testing.TB, operator, text, value string) bool {
	t.Helper()
	s, err := rules.Compile([]rules.Rule{{ID: "r", Policy: "exclude", Field: "f", Rule: operator, Value: text, Order: "1"}})
	require.NoError(t, err)
	keep, _ := s.Decide("1", []byte(`"f":`+value))
	return !keep
}

// Every pair of numbers compares as their exact fractions do.
func TestNumbersCompareExactly(t *testing.T) {
	numbers := []string{
		"0", "-0", "0.0", "0e5", "1", "-1", "10", "1e1", "0.1e2", "100e-1", "10.0", "9.99", "10.01", "-10.01", "0.001", "1e-3", "0.0010",
		"999999999999999999", "1000000000000000000", "1e18", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
		"18446744073709551615", "18446744073709551616", "9007199254740992", "9007199254740993", "9007199254740993.5",
		"123456789012345678901234567890.123456789", "123456789012345678901234567890.123456788", "1.5e30", "15e29", "0.00000000015e40", "1e-30", "10e-31",
	}
	for _, a := range numbers {
		for _, b := range numbers {
			x, ok1 := new(big.Rat).SetString(a)
			y, ok2 := new(big.Rat).SetString(b)
			require.True(t, ok1 && ok2)
			order := x.Cmp(y)
			require.Equal(t, order == 0, verdict(t, "equals", b, a), "%s equals %s", a, b)
			require.Equal(t, order > 0, verdict(t, ">", b, a), "%s > %s", a, b)
			require.Equal(t, order < 0, verdict(t, "<", b, a), "%s < %s", a, b)
		}
	}
}

// Dates compare as package time's do, in any zone and year.
func TestDatesCompareAsMoments(t *testing.T) {
	zone := time.FixedZone("", 5*3600+1800)
	end := time.Date(9999, 12, 30, 0, 0, 0, 0, time.UTC)
	for at := time.Date(0, 1, 2, 3, 4, 5, 0, time.UTC); at.Before(end); at = at.Add(377*24*time.Hour + 5*time.Hour + 7*time.Second) {
		text := fmt.Sprintf("%04d-%s", at.In(zone).Year(), at.In(zone).Format("01-02T15:04:05-07:00"))
		doc := func(moment time.Time) string { return `"` + moment.Format(time.RFC3339Nano) + `"` }
		require.True(t, verdict(t, "equals", text, doc(at)), text)
		require.True(t, verdict(t, ">", text, doc(at.Add(time.Second))), text)
		require.True(t, verdict(t, "<", text, doc(at.Add(-time.Nanosecond))), text)
	}
}
