package doctest

import (
	"regexp"
	"strings"
	"unicode"
)

// piece is a text of a page with the line where it begins.
type piece struct {
	line           int
	language, text string
}

// page is a document in its parts.
type page struct {
	prose   []piece // line by line, without blocks
	blocks  []piece
	anchors map[string]bool
}

var listItem = regexp.MustCompile(`^\s*([-*+]|\d+\.) `)

// read takes a document apart: blocks between fences, blocks set in by four
// blanks, and the rest.
func read(text string) *page {
	p := &page{anchors: map[string]bool{}}
	var fence *piece
	mark, inList, blank := "", false, true
	var indented *piece
	for i, line := range strings.Split(text, "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case fence != nil && trimmed == mark:
			p.blocks = append(p.blocks, *fence)
			fence = nil
		case fence != nil:
			fence.text += line + "\n"
		case strings.HasPrefix(trimmed, "```"):
			mark = trimmed[:len(trimmed)-len(strings.TrimLeft(trimmed, "`"))]
			fence = &piece{line: i + 2, language: strings.TrimLeft(trimmed, "`")}
		case indented != nil && (strings.HasPrefix(line, "    ") || trimmed == ""):
			indented.text += strings.TrimPrefix(line, "    ") + "\n"
		case strings.HasPrefix(line, "    ") && blank && !inList:
			indented = &piece{line: i + 1, language: "indented", text: line[4:] + "\n"}
		default:
			if indented != nil {
				p.blocks = append(p.blocks, *indented)
				indented = nil
			}
			if trimmed != "" && !strings.HasPrefix(line, " ") {
				inList = listItem.MatchString(line)
			}
			p.heading(line)
			p.prose = append(p.prose, piece{line: i + 1, text: line})
		}
		blank = trimmed == ""
	}
	for _, open := range []*piece{fence, indented} {
		if open != nil {
			p.blocks = append(p.blocks, *open)
		}
	}
	return p
}

// heading notes the anchor that a heading makes, as GitHub does.
func (p *page) heading(line string) {
	title := strings.TrimLeft(line, "#")
	if level := len(line) - len(title); level < 1 || level > 6 || !strings.HasPrefix(title, " ") {
		return
	}
	var b strings.Builder
	for _, r := range strings.ToLower(strings.TrimSpace(title)) {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
			b.WriteRune(r)
		case r == ' ':
			b.WriteRune('-')
		}
	}
	p.anchors[b.String()] = true
}
