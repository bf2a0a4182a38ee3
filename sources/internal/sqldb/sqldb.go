// Package sqldb is what the sources of databases share: which tables are meant,
// ids of rows, names of fields, and trying again for those that speak SQL, TLS
// for all. It knows no driver and no dialect.
package sqldb

import (
	"context"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"time"
)

// Select returns the tables that patterns name, in the order in which they are
// given, and the patterns that name none. A pattern is a table's name or a text
// in which * is any text and ? any character; names come before patterns, so a
// table that is called "a*" can be named.
func Select(patterns, tables []string) (selected, unknown []string) {
	meant := make(map[string]bool, len(tables))
	for _, p := range patterns {
		found := false
		if slices.Contains(tables, p) {
			meant[p], found = true, true
		} else {
			for _, t := range tables {
				if matches(p, t) {
					meant[t], found = true, true
				}
			}
		}
		if !found && p != "*" {
			unknown = append(unknown, p)
		}
	}
	for _, t := range tables {
		if meant[t] {
			selected = append(selected, t)
		}
	}
	return selected, unknown
}

// matches knows * and ? alone: brackets and slashes are characters like others.
func matches(pattern, name string) bool {
	if pattern == "*" {
		return true
	}
	if !strings.ContainsAny(pattern, "*?") {
		return false
	}
	plain := strings.NewReplacer(`\`, `\\`, "[", `\[`, "/", "\x00")
	ok, err := path.Match(plain.Replace(pattern), strings.ReplaceAll(name, "/", "\x00"))
	return ok && err == nil
}

// firstPause is the longest time before the second attempt; it doubles.
const firstPause = 500 * time.Millisecond

// Retry calls do until it succeeds, fails for a reason that does not pass, or
// has failed once and tries times more. It waits up to 0.5 s, 1 s, 2 s and so
// on between, at random, so that many clients do not come back together.
func Retry(ctx context.Context, tries int, passing func(error) bool, do func() error) error {
	pause := firstPause
	for {
		err := do()
		if err == nil || tries <= 0 || ctx.Err() != nil || !passing(err) {
			return err
		}
		tries--
		timer := time.NewTimer(pause/2 + rand.N(pause/2))
		select {
		case <-ctx.Done():
			timer.Stop()
			return err
		case <-timer.C:
		}
		pause = min(2*pause, 30*time.Second)
	}
}
