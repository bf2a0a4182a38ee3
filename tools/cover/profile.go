package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

// module is what names of files in profiles begin with.
const module = "github.com/tributary-search/tributary/"

// block is some statements that run together.
type block struct {
	file        string // in the tree
	first, last int    // lines
	statements  int
	ran         bool
}

// profile holds blocks by their place. A block may occur more than once, for
// each test binary that holds it; it ran if it ran in one of them. Generated
// files are left out: they are covered by what generates them; so are fixtures,
// which are tests.
type profile map[string]block

func (p profile) readFile(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := p.read(f); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (p profile) read(r io.Reader) error {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		place, numbers, ok := strings.Cut(lines.Text(), " ")
		if !ok || place == "mode:" || strings.Contains(place, "_gen.go:") || strings.Contains(place, "/fixture/") {
			continue
		}
		b, err := parse(place, numbers)
		if err != nil {
			return fmt.Errorf("not a line of a profile: %q", lines.Text())
		}
		b.ran = b.ran || p[place].ran
		p[place] = b
	}
	return lines.Err()
}

// parse reads "file:line.column,line.column statements count".
func parse(place, numbers string) (b block, err error) {
	at := strings.LastIndexByte(place, ':')
	if at < 0 {
		return b, strconv.ErrSyntax
	}
	b.file = strings.TrimPrefix(place[:at], module)
	from, to, _ := strings.Cut(place[at+1:], ",")
	statements, count, _ := strings.Cut(numbers, " ")
	for _, n := range []struct {
		text string
		into *int
	}{{line(from), &b.first}, {line(to), &b.last}, {statements, &b.statements}} {
		if *n.into, err = strconv.Atoi(n.text); err != nil {
			return b, err
		}
	}
	b.ran = count != "0"
	return b, nil
}

func line(place string) string {
	text, _, _ := strings.Cut(place, ".")
	return text
}

// missing writes the lines that did not run of the files below a folder, one
// file a line.
func (p profile) missing(out io.Writer, below string) {
	var blocks []block
	for _, b := range p {
		if !b.ran && b.statements > 0 && strings.HasPrefix(b.file, below+"/") {
			blocks = append(blocks, b)
		}
	}
	slices.SortFunc(blocks, func(a, b block) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.first, b.first), cmp.Compare(a.last, b.last))
	})
	for len(blocks) > 0 {
		file := blocks[0].file
		end := slices.IndexFunc(blocks, func(b block) bool { return b.file != file })
		if end < 0 {
			end = len(blocks)
		}
		fmt.Fprintf(out, "          %s: %s\n", file, ranges(blocks[:end]))
		blocks = blocks[end:]
	}
}

// ranges are the lines of sorted blocks: "3-5, 9".
func ranges(blocks []block) string {
	var words []string
	for i := 0; i < len(blocks); {
		first, last := blocks[i].first, blocks[i].last
		for i++; i < len(blocks) && blocks[i].first <= last+1; i++ {
			last = max(last, blocks[i].last)
		}
		word := strconv.Itoa(first)
		if last > first {
			word += "-" + strconv.Itoa(last)
		}
		words = append(words, word)
	}
	return strings.Join(words, ", ")
}
