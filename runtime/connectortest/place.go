package connectortest

import (
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
)

// place is where a source calls emit, for texts.
type place struct {
	once sync.Once
	text atomic.Pointer[string]
}

// note looks once at who called emit. It must be called by emit itself.
func (p *place) note() {
	p.once.Do(func() {
		if text := caller(); text != "" {
			p.text.Store(&text)
		}
	})
}

// String is " (file:line)", or empty while it is not known.
func (p *place) String() string {
	if text := p.text.Load(); text != nil {
		return *text
	}
	return ""
}

// house is how the names of this module's functions begin.
const house = "github.com/tributary-search/tributary/"

// authors reports whether a function is the source's, not one that the runtime,
// the language or another module has.
func authors(function string) bool {
	return strings.HasPrefix(function, house) &&
		(!strings.HasPrefix(function, house+"runtime/") || strings.HasPrefix(function, house+"runtime/connectortest_test."))
}

// caller is " (file:line)" of the source's function that is nearest on this
// goroutine's stack, or empty.
func caller() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for {
		frame, more := frames.Next()
		if authors(frame.Function) {
			return fmt.Sprintf(" (%s:%d)", filepath.Base(frame.File), frame.Line)
		}
		if !more {
			return ""
		}
	}
}

// callers is " (file:line, from file:line)" of all of the source's functions on
// this goroutine's stack, the nearest first, or empty.
func callers() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	var places []string
	for more := true; more; {
		var frame runtime.Frame
		if frame, more = frames.Next(); authors(frame.Function) {
			places = append(places, fmt.Sprintf("%s:%d", filepath.Base(frame.File), frame.Line))
		}
	}
	if len(places) == 0 {
		return ""
	}
	return " (" + strings.Join(places, ", from ") + ")"
}

// fileLine is the second line of a frame in a printed stack.
var fileLine = regexp.MustCompile(`^\s+(\S.*):(\d+)(?: \+0x[0-9a-f]+)?\s*$`)

// printed is the first place of a source in a printed stack that comes after a
// line with the word, or empty.
func printed(stack, word string) string {
	_, stack, found := strings.Cut(stack, word)
	if !found {
		return ""
	}
	lines := strings.Split(word+stack, "\n")
	for i, line := range lines[:len(lines)-1] {
		function := strings.TrimPrefix(strings.TrimSpace(line), "created by ")
		if m := fileLine.FindStringSubmatch(lines[i+1]); m != nil && authors(function) {
			return fmt.Sprintf(" (%s:%s)", path.Base(filepath.ToSlash(m[1])), m[2])
		}
	}
	return ""
}

// waiting is where the goroutine in which the suite runs GetDocs stands, or empty.
func waiting() string {
	all := make([]byte, 1<<20)
	for block := range strings.SplitSeq(string(all[:runtime.Stack(all, true)]), "\n\n") {
		if strings.Contains(block, "connectortest.(*suite).getDocs.func") {
			if where := printed(block, "goroutine "); where != "" {
				return where
			}
		}
	}
	return ""
}
