package settings

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxFile is the largest file that is read, in bytes.
const maxFile = 1 << 20

// readFile reads one YAML document. The node is nil when the file is empty.
func readFile(path string) (*yaml.Node, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the settings: %w", err)
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read the settings: %w", err)
	}
	if len(data) > maxFile {
		return nil, Problems{{Origin: path, Message: "is larger than 1 MiB"}}
	}
	return parse(path, data)
}

func parse(path string, data []byte) (*yaml.Node, error) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, Problems{syntaxProblem(path, err)}
	}
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		if err != nil {
			return nil, Problems{syntaxProblem(path, err)}
		}
		return nil, Problems{{Origin: path, Line: more.Line, Column: more.Column, Message: "a second document; there can only be one"}}
	}
	root := doc.Content[0]
	switch {
	case root.Kind == yaml.ScalarNode && root.Tag == "!!null":
		return nil, nil
	case root.Kind != yaml.MappingNode:
		return nil, Problems{{Origin: path, Line: root.Line, Column: root.Column, Message: "must hold settings, not " + shown(root)}}
	}
	return root, nil
}

var yamlLine = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?(.*)`)

func syntaxProblem(path string, err error) Problem {
	m := yamlLine.FindStringSubmatch(strings.ReplaceAll(err.Error(), "\n", " "))
	line, _ := strconv.Atoi(m[1])
	return Problem{Origin: path, Line: line, Column: min(line, 1), Message: "is no YAML: " + m[2]}
}

// checkPlain refuses what makes YAML mean something else than it shows.
func (l *loader) checkPlain(n *yaml.Node) bool {
	switch {
	case n.Kind == yaml.AliasNode:
		return l.refuse(n, "aliases (*name) are not allowed; write the value out")
	case n.Anchor != "":
		return l.refuse(n, "anchors (&name) are not allowed")
	case n.Tag == "!!merge":
		return l.refuse(n, "merge keys (<<) are not allowed")
	}
	ok := true
	for _, c := range n.Content {
		ok = l.checkPlain(c) && ok
	}
	return ok
}

// walk visits a section and everything below it.
func (l *loader) walk(prefix string, section *yaml.Node) {
	for i := 0; i+1 < len(section.Content); i += 2 {
		key, value := section.Content[i], section.Content[i+1]
		if key.Kind != yaml.ScalarNode || key.Value == "" {
			l.refuse(key, "must be the name of a setting")
			continue
		}
		l.visit(prefix+key.Value, key, value)
	}
}

// visit takes one key of the file to its setting, or to the keys below it.
func (l *loader) visit(path string, key, value *yaml.Node) {
	if to, ok := renamed[path]; ok {
		l.visitRenamed(path, to, key, value)
		return
	}
	if f, entry, ok := l.find(path); ok {
		if f.setKey != nil && entry == "" && value.Kind == yaml.MappingNode {
			l.walkEntries(path, value)
			return
		}
		l.assign(f, entry, path, key, value)
		return
	}
	if reason, ok := ignored(path); ok {
		l.warn(key, path+" has no effect here: "+reason)
		return
	}
	if len(children(path+".", l.keys)) == 0 {
		l.unknown(key, path)
		return
	}
	switch {
	case value.Kind == yaml.MappingNode:
		l.walk(path+".", value)
	case value.Tag != "!!null":
		l.refuse(value, fmt.Sprintf("%s must be a section, not %s", path, shown(value)))
	}
}

// walkEntries visits the entries of a setting that is a map. Their names may
// hold dots.
func (l *loader) walkEntries(path string, section *yaml.Node) {
	f, _, _ := l.find(path)
	for i := 0; i+1 < len(section.Content); i += 2 {
		key, value := section.Content[i], section.Content[i+1]
		if key.Kind != yaml.ScalarNode || key.Value == "" {
			l.refuse(key, "must be a name")
			continue
		}
		l.assign(f, key.Value, path+"."+key.Value, key, value)
	}
}

func (l *loader) visitRenamed(path, to string, key, value *yaml.Node) {
	f, _, _ := l.find(to)
	v := *value
	if level, ok := levels[strings.ToUpper(v.Value)]; ok {
		v.Value = level
	}
	l.assign(f, "", path, key, &v)
}

func (l *loader) unknown(key *yaml.Node, path string) {
	l.refuse(key, "unknown setting "+path+keyHint(path, l.keys))
}
