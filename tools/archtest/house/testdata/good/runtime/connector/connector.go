package connector

import (
	"errors"
	"regexp"
	"sync"
)

// What is read only is no state.
var (
	ErrGone = errors.New("gone")
	form    = regexp.MustCompile(`^a+$`)
	buffers = sync.Pool{New: func() any { return new([]byte) }}
	table   = map[string]int{"a": 1}
)

// Look reads all of them.
func Look(s string) (int, bool) {
	b := buffers.Get().(*[]byte)
	defer buffers.Put(b)
	return table[s], form.MatchString(s)
}
