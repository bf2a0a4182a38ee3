package diag

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// tabWidth is how wide a tab is drawn in a quoted line.
const tabWidth = 4

// maxQuoted is how many characters of a line are quoted.
const maxQuoted = 160

// WriteText writes every problem for people: position, code and message, the
// line with a caret, and the hint.
func (l List) WriteText(w io.Writer) error {
	for _, d := range l {
		if _, err := io.WriteString(w, d.String()); err != nil {
			return err
		}
	}
	return nil
}

// WriteJSON writes the problems as one JSON array.
func (l List) WriteJSON(w io.Writer) error {
	if l == nil {
		l = List{}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(l)
}

// String returns the problem as [List.WriteText] prints it.
func (d Diagnostic) String() string {
	var b strings.Builder
	kind := "error"
	if d.Note {
		kind = "note"
	}
	fmt.Fprintf(&b, "%s: %s %s: %s\n", d.Place(), kind, d.Code, Printable(d.Message))
	hint := Printable(d.Hint)
	if d.Text == "" || d.Line == 0 {
		if hint != "" {
			fmt.Fprintf(&b, "    %s\n", hint)
		}
		return b.String()
	}
	line, caret := quote(d.Text, d.Column)
	fmt.Fprintf(&b, "%5d | %s\n      | %s^%s\n", d.Line, line, caret, pad(hint))
	return b.String()
}

// Place returns file:line:column, or the file alone.
func (d Diagnostic) Place() string {
	if d.Line == 0 {
		return d.File
	}
	return fmt.Sprintf("%s:%d:%d", d.File, d.Line, d.Column)
}

func pad(hint string) string {
	if hint == "" {
		return ""
	}
	return " " + hint
}

// quote returns the part of a line around a column and the blanks that bring
// a caret below that column.
func quote(text string, column int) (line, blanks string) {
	runes := []rune(strings.TrimRight(text, "\r\n"))
	at := min(max(column-1, 0), len(runes))
	from := 0
	if at > maxQuoted/2 && len(runes) > maxQuoted {
		from = at - maxQuoted/2
	}
	until := min(len(runes), from+maxQuoted)
	return draw(runes[from:until]), strings.Repeat(" ", len([]rune(draw(runes[from:at]))))
}

func draw(runes []rune) string {
	var b strings.Builder
	for _, r := range runes {
		if r == '\t' {
			b.WriteString(strings.Repeat(" ", tabWidth))
			continue
		}
		b.WriteString(Printable(string(r)))
	}
	return b.String()
}

// Printable returns s with every control and format character escaped, so that
// text from a file can neither move the cursor nor reorder a line.
func Printable(s string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsPrint(r) {
			b.WriteRune(r)
			continue
		}
		fmt.Fprintf(&b, `\u%04x`, r)
	}
	return b.String()
}
