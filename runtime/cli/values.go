package cli

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/schema"
)

// maxValueFile is the largest file that key=@FILE reads, in bytes.
const maxValueFile = 1 << 20

// configuration turns key=value words into a source's configuration, which has
// no errors.
func (a *app) configuration(kind connector.Kind, words []string) (json.RawMessage, error) {
	raw, err := a.plainValues(kind, words)
	if err != nil {
		return nil, err
	}
	return raw, a.checkConfiguration(kind, raw)
}

// plainValues turns key=value words into the values of a configuration. A
// value is @FILE, env:NAME, - (asked for) or the text itself, read as Kibana
// stores it.
func (a *app) plainValues(kind connector.Kind, words []string) (json.RawMessage, error) {
	values, err := a.texts(kind, words)
	if err != nil {
		return nil, err
	}
	return json.Marshal(values)
}

// texts are the values of key=value words.
func (a *app) texts(kind connector.Kind, words []string) (map[string]string, error) {
	secrets, err := secretFields(kind)
	if err != nil {
		return nil, err
	}
	values := map[string]string{}
	for _, word := range words {
		key, text, ok := strings.Cut(word, "=")
		if !ok || key == "" {
			return nil, usagef("%q is no configuration: it must be key=value", nameIn(word))
		}
		if _, twice := values[key]; twice {
			return nil, usagef("%s is given twice", key)
		}
		value, plain, err := a.value(key, text)
		if err != nil {
			return nil, usagef("%s: %w", key, err)
		}
		if plain && secrets[key] && value != "" {
			a.warn("%s: other users of this machine can see a secret on the command line; write %s=env:NAME, %s=@FILE or %s=-", key, key, key, key)
		}
		values[key] = value
	}
	return values, nil
}

// nameIn is how a word begins that was to be a name and a value: the rest may be
// a secret.
func nameIn(word string) string {
	end := strings.IndexFunc(word, func(r rune) bool {
		return r != '_' && r != '.' && r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	if end < 0 {
		return word
	}
	return word[:end] + "…"
}

// value reads one value. plain says that the text itself is the value.
func (a *app) value(key, text string) (value string, plain bool, err error) {
	if name, ok := strings.CutPrefix(text, "env:"); ok {
		value, ok := a.env[name]
		if !ok {
			return "", false, fmt.Errorf("the environment variable %q is not set", name)
		}
		return value, false, nil
	}
	if name, ok := strings.CutPrefix(text, "@"); ok {
		value, err := readValue(name)
		return value, false, err
	}
	if text == "-" {
		value, err := a.answer(key+": ", true)
		return value, false, err
	}
	return text, true, nil
}

// readValue reads a file without the line end after its last line.
func readValue(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxValueFile+1))
	switch {
	case err != nil:
		return "", err
	case len(data) > maxValueFile:
		return "", fmt.Errorf("%s is larger than 1 MiB", name)
	}
	return trimLineEnd(string(data)), nil
}

func trimLineEnd(s string) string {
	return strings.TrimSuffix(strings.TrimSuffix(s, "\n"), "\r")
}

// checkConfiguration reports every problem, one a line.
func (a *app) checkConfiguration(kind connector.Kind, raw json.RawMessage) error {
	problems := kind.CheckConfig(raw)
	for _, p := range problems {
		if p.Warning {
			a.warn("%s", named(p))
		}
	}
	if err := problems.Err(); err != nil {
		return configError(kind, err)
	}
	return nil
}

// configError is every problem of a configuration, one a line, with its key as
// the user wrote it.
func configError(kind connector.Kind, err error) error {
	var problems connector.Problems
	if !errors.As(err, &problems) {
		return err
	}
	lines := make([]string, len(problems))
	for i, p := range problems {
		lines[i] = named(p)
	}
	return usagef("%s (see: tributary sources %s)", strings.Join(lines, "\n"), kind.ServiceType)
}

// named is a problem with the key of its field instead of the label.
func named(p connector.Problem) string {
	if p.Pointer == "" || p.Pointer == "/" {
		return p.Message
	}
	key := strings.NewReplacer("~1", "/", "~0", "~").Replace(strings.TrimPrefix(p.Pointer, "/"))
	return key + ": " + p.Message
}

// secretFields returns the names of a source's secret fields.
func secretFields(kind connector.Kind) (map[string]bool, error) {
	fields, err := richFields(kind)
	if err != nil {
		return nil, err
	}
	secrets := map[string]bool{}
	for name, f := range fields {
		secrets[name] = f.Sensitive
	}
	return secrets, nil
}

// kind returns the source that a user names.
func (a *app) kind(name string) (connector.Kind, error) {
	kinds, err := a.kinds()
	if err != nil {
		return connector.Kind{}, err
	}
	var names []string
	for _, k := range kinds {
		if k.Is(name) {
			return k, nil
		}
		names = append(append(names, k.ServiceType), k.Aliases...)
	}
	hint := cmp.Or(schema.DidYouMean(name, names), "; tributary sources lists them")
	return connector.Kind{}, usagef("unknown source %q%s", name, hint)
}
