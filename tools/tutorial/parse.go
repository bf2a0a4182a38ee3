package main

import (
	"bufio"
	"fmt"
	"regexp"
	"strings"
)

// block is one fenced block of a document.
type block struct {
	line     int // where its text begins
	language string
	text     string
}

// parse returns the blocks that are run: sh, diff, and text, which is what the
// sh block before it prints. Other languages are an error: nothing would hold
// them to the truth.
func parse(document string) ([]block, error) {
	var blocks []block
	var open *block
	lines := bufio.NewScanner(strings.NewReader(document))
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		switch fence, fenced := strings.CutPrefix(line, "```"); {
		case open == nil && fenced:
			if fence != "sh" && fence != "diff" && fence != "text" {
				return nil, fmt.Errorf("line %d: a block of %q is not run; make it sh, diff or text", n, fence)
			}
			open = &block{line: n + 1, language: fence}
		case open != nil && line == "```":
			blocks = append(blocks, *open)
			open = nil
		case open != nil:
			open.text += line + "\n"
		}
	}
	if open != nil {
		return nil, fmt.Errorf("line %d: the block has no end", open.line)
	}
	return blocks, lines.Err()
}

// missing returns the first line of what a command should have said that it did
// not say. An ellipsis in it is any text.
func missing(want, said string) string {
	for line := range strings.Lines(want) {
		line = strings.TrimSpace(line)
		pattern := strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*")
		if !regexp.MustCompile(pattern).MatchString(said) {
			return line
		}
	}
	return ""
}

// written is how many lines a diff adds: those that are written by hand.
func written(diff string) (n int) {
	for line := range strings.Lines(diff) {
		if strings.HasPrefix(line, "+") && !strings.HasPrefix(line, "+++ ") {
			n++
		}
	}
	return n
}
