package settings

import (
	"math"
	"strconv"
	"time"
)

// Duration is a length of time, written as "30s" or as a number of seconds.
type Duration time.Duration

// String returns the duration in Go's form, such as "4m0s".
func (d Duration) String() string { return time.Duration(d).String() }

// MarshalText returns the duration in Go's form.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// maxSeconds keeps a number of seconds within a time.Duration.
const maxSeconds = float64(math.MaxInt64 / int64(time.Second))

func parseDuration(text string) (Duration, bool) {
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		return Duration(seconds * float64(time.Second)), seconds >= 0 && seconds <= maxSeconds
	}
	d, err := time.ParseDuration(text)
	return Duration(d), err == nil && d >= 0
}
