package settings

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxSecretFile is the largest file that a file: reference reads, in bytes.
const maxSecretFile = 64 << 10

// reference is $${ (a plain ${), ${NAME} or ${NAME|default}.
var reference = regexp.MustCompile(`\$\$\{|\$\{([^}|]*)(\|[^}]*)?\}`)

// resolve replaces ${NAME} in a value of the file, and the whole value of a
// secret that is a file: reference. What it puts in is never looked at again.
func (l *loader) resolve(f field, value *yaml.Node) (*yaml.Node, error) {
	if value.Kind != yaml.ScalarNode {
		return l.resolveItems(f, value)
	}
	if name, ok := strings.CutPrefix(value.Value, "file:"); ok && f.secret {
		text, err := l.secretFile(f.key, name)
		return replaced(value, text), err
	}
	if !strings.Contains(value.Value, "${") {
		return value, nil
	}
	missing, ok := "", true
	text := reference.ReplaceAllStringFunc(value.Value, func(ref string) string {
		if ref == "$${" {
			return "${"
		}
		m := reference.FindStringSubmatch(ref)
		switch v, set := l.env[m[1]]; {
		case set:
			return v
		case m[2] != "":
			return m[2][1:]
		}
		missing, ok = m[1], false
		return ""
	})
	if !ok {
		return value, fmt.Errorf("the environment variable %q is not set", missing)
	}
	return replaced(value, text), nil
}

// resolveItems resolves the values below a list or a section.
func (l *loader) resolveItems(f field, value *yaml.Node) (*yaml.Node, error) {
	out := *value
	out.Content = make([]*yaml.Node, len(value.Content))
	for i, item := range value.Content {
		inner := field{key: f.key}
		if value.Kind == yaml.MappingNode {
			if i%2 == 0 {
				out.Content[i] = item
				continue
			}
			inner.secret = value.Content[i-1].Value == "api_key"
			l.notePlain(inner, "", item)
		}
		r, err := l.resolve(inner, item)
		if err != nil {
			return value, at(item, err)
		}
		out.Content[i] = r
	}
	return &out, nil
}

// replaced is a text in the place of a node.
func replaced(n *yaml.Node, text string) *yaml.Node {
	p := plain(text)
	p.Line, p.Column, p.LineComment = n.Line, n.Column, n.Value
	return p
}

// secretFile reads a secret from a file, named from the folder of the
// configuration file. One line end after it does not count.
func (l *loader) secretFile(key, name string) (string, error) {
	if !filepath.IsAbs(name) {
		name = filepath.Join(filepath.Dir(l.in.File), name)
	}
	file, err := os.Open(name)
	if err != nil {
		return "", fmt.Errorf("read the secret: %w", err)
	}
	defer func() { _ = file.Close() }()
	if !lent(name) {
		l.checkFile(name, key)
	}
	data, err := io.ReadAll(io.LimitReader(file, maxSecretFile+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("read the secret: %w", err)
	case len(data) > maxSecretFile:
		return "", errors.New("the file with the secret is larger than 64 KiB")
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r"), nil
}
