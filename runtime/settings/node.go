package settings

import (
	"errors"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// plain returns a text that did not come out of a file as it stands there: its
// type is whatever the setting wants.
func plain(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: s} }

// loose reports whether a node was made by plain.
func loose(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "" }

// scalar returns the text of a value that is neither list nor section.
func scalar(n *yaml.Node) (string, error) {
	if n.Kind != yaml.ScalarNode {
		return "", fmt.Errorf("must be a single value, not %s", shown(n))
	}
	return n.Value, nil
}

// shown describes a value that is wrong. What a reference stands for is not
// shown: it may be a secret in the wrong place.
func shown(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a section"
	case yaml.SequenceNode:
		return "a list"
	}
	if n.LineComment != "" && loose(n) {
		return "what " + n.LineComment + " gives"
	}
	if n.Tag == "!!str" || loose(n) {
		return fmt.Sprintf("the text %q", n.Value)
	}
	return n.Value
}

// placed is an error with its place in the file.
type placed struct {
	line, column int
	err          error
}

func (p *placed) Error() string { return p.err.Error() }
func (p *placed) Unwrap() error { return p.err }

// at gives an error the place of a node, unless it has one already.
func at(n *yaml.Node, err error) error {
	if errors.As(err, new(*placed)) {
		return err
	}
	return &placed{n.Line, n.Column, err}
}
