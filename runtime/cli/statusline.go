package cli

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/term"
)

// statusLine is a line at the bottom of a terminal that is drawn again and
// again; where there is none it does nothing.
type statusLine struct {
	out   io.Writer
	width func() int
	shown bool
}

func (a *app) statusLine() *statusLine {
	f, ok := a.Stderr.(*os.File)
	if !ok || !terminal(f) || a.env["TERM"] == "dumb" {
		return &statusLine{}
	}
	return &statusLine{out: a.console, width: func() int {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 1 {
			return width
		}
		return 80
	}}
}

// drawn reports whether there is a terminal for it.
func (s *statusLine) drawn() bool { return s.out != nil }

func (s *statusLine) draw(text string) {
	if r := []rune(text); len(r) >= s.width() {
		text = string(r[:s.width()-1])
	}
	s.shown = true
	_, _ = fmt.Fprintf(s.out, "\r\x1b[2K%s", text)
}

func (s *statusLine) clear() {
	if s.shown {
		s.shown = false
		_, _ = io.WriteString(s.out, "\r\x1b[2K")
	}
}
