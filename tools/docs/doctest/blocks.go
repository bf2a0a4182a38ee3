package doctest

import (
	"encoding/json"
	"errors"
	"go/parser"
	"go/scanner"
	"go/token"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// shown are the languages of blocks that are looked at by people alone.
var shown = []string{"", "text", "mermaid", "sql", "js", "diff"}

// blocks looks at every block by its language.
func (c *checker) blocks(file string) {
	for _, b := range c.pages[file].blocks {
		switch {
		case b.language == "json":
			c.json(file, b)
		case b.language == "yaml":
			var v any
			if err := yaml.Unmarshal([]byte(b.text), &v); err != nil {
				c.add(file, b.line, "the block is no YAML: %v; mend it, or call the block text", err)
			}
		case b.language == "go":
			c.goBlock(file, b)
		case slices.Contains([]string{"sh", "bash"}, b.language):
			c.shell(file, b)
		case b.language == "indented":
			for _, part := range paragraphs(b) {
				c.indented(file, part)
			}
		case !slices.Contains(shown, b.language):
			c.add(file, b.line, "nothing is known of blocks in %q; use json, yaml, go, sh or text", b.language)
		}
	}
}

// paragraphs are the parts of a block between lines that are empty.
func paragraphs(b piece) []piece {
	var list []piece
	line := b.line
	for text := range strings.SplitSeq(b.text, "\n\n") {
		list = append(list, piece{line, b.language, text})
		line += strings.Count(text, "\n") + 2
	}
	return list
}

// indented is JSON, or commands, or what the table of elsewhere lists.
func (c *checker) indented(file string, b piece) {
	if strings.HasPrefix(b.text, "{") || strings.HasPrefix(b.text, "[") {
		c.json(file, b)
		return
	}
	c.shell(file, b)
}

// json reads a block of one or more JSON values. Rules in a source's README
// must be valid for that source.
func (c *checker) json(file string, b piece) {
	dec := json.NewDecoder(strings.NewReader(b.text))
	for {
		var v json.RawMessage
		err := dec.Decode(&v)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			c.add(file, b.line+strings.Count(b.text[:offset(dec, err, len(b.text))], "\n"), "the block is no JSON: %v; mend it, or call the block text", err)
			return
		}
		c.rules(file, b.line, v)
	}
}

// offset is where a decoder found an error, at most the length of the text.
func offset(dec *json.Decoder, err error, length int) int {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return min(int(syntax.Offset), length)
	}
	return min(int(dec.InputOffset()), length)
}

func (c *checker) rules(file string, line int, v json.RawMessage) {
	var stored struct {
		Snippet struct {
			Value json.RawMessage `json:"value"`
		} `json:"advanced_snippet"`
	}
	if json.Unmarshal(v, &stored) != nil || stored.Snippet.Value == nil {
		return
	}
	name := path.Base(path.Dir(file))
	if path.Dir(file) == "docs/sources" {
		name = strings.TrimSuffix(path.Base(file), ".md")
	}
	for _, k := range c.kinds {
		if k.Is(name) && k.CheckRules != nil {
			if err := k.CheckRules(stored.Snippet.Value).Err(); err != nil {
				c.add(file, line, "mend these rules, which %s refuses: %v", name, err)
			}
		}
	}
}

var declares = regexp.MustCompile(`(?m)^(package|import|func|type|var|const) `)

func (c *checker) goBlock(file string, b piece) {
	text := b.text
	switch {
	case !declares.MatchString(text):
		text = "package p; func _() {" + text + "\n}"
	case !strings.HasPrefix(text, "package ") && !strings.Contains(text, "\npackage "):
		text = "package p;" + text
	}
	_, err := parser.ParseFile(token.NewFileSet(), "", text, parser.SkipObjectResolution)
	var found scanner.ErrorList
	if errors.As(err, &found) {
		c.add(file, b.line+found[0].Pos.Line-1, "the block is no Go: %s; mend it, or call the block text", found[0].Msg)
	}
}
