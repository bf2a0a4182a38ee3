package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/tributary-search/tributary/runtime/job"
)

// input reads answers from the standard input.
type input struct {
	lines  *bufio.Reader  // of an input that is no terminal, once a line was read
	screen *term.Terminal // of one that is; it keeps what was typed ahead
}

// interactive reports whether a person sits at the standard input.
func (a *app) interactive() bool { return terminal(a.Stdin) }

// answer asks for a line. A hidden one is not shown while it is typed. Where
// the input is no terminal, it is its next line.
func (a *app) answer(prompt string, hidden bool) (string, error) {
	if f, ok := a.Stdin.(*os.File); ok && terminal(f) {
		return a.typed(f, prompt, hidden)
	}
	if a.input.lines == nil {
		a.input.lines = bufio.NewReader(a.Stdin)
	}
	line, err := a.input.lines.ReadString('\n')
	switch {
	case errors.Is(err, io.EOF) && line == "":
		return "", errors.New("the standard input has no line for it")
	case err != nil && !errors.Is(err, io.EOF):
		return "", err
	}
	return trimLineEnd(line), nil
}

// typed reads a line of a terminal. Ctrl-C comes as a letter here, not as a
// signal.
func (a *app) typed(terminal *os.File, prompt string, hidden bool) (line string, err error) {
	before, err := term.MakeRaw(int(terminal.Fd()))
	if err != nil {
		return "", err
	}
	if a.input.screen == nil {
		a.input.screen = term.NewTerminal(struct {
			io.Reader
			io.Writer
		}{terminal, a.console}, "")
	}
	screen := a.input.screen
	if width, height, err := term.GetSize(int(terminal.Fd())); err == nil && width > 0 {
		_ = screen.SetSize(width, height) // a wrong one only wraps lines oddly
	}
	if hidden {
		line, err = screen.ReadPassword(prompt)
	} else {
		screen.SetPrompt(prompt)
		line, err = screen.ReadLine()
	}
	if errors.Is(err, term.ErrPasteIndicator) {
		err = nil
	}
	if errors.Is(err, io.EOF) {
		_, _ = io.WriteString(a.console, "\r\n")
		err = job.ErrCanceled
	}
	return line, errors.Join(err, term.Restore(int(terminal.Fd()), before))
}

// confirm asks before something that can't be undone. Without a terminal the
// flag --yes says it.
func (a *app) confirm(yes bool, format string, args ...any) error {
	if yes {
		return nil
	}
	question := printable(fmt.Sprintf(format, args...))
	if !a.interactive() {
		return usagef("%s The input is no terminal: say so with --yes", question)
	}
	line, err := a.answer(question+" [y/N] ", false)
	if err != nil {
		return err
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return nil
	}
	return errDeclined
}

// errDeclined says that a person does not want it.
var errDeclined = errors.New("nothing was done")
