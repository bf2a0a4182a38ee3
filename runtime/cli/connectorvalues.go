package cli

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tributary-search/tributary/runtime/connector"
)

// valueFlags say where values of a configuration come from besides words.
type valueFlags struct {
	file string
	ask  bool
}

func (f *valueFlags) register(cmd *cobra.Command, a *app) {
	cmd.Flags().StringVar(&f.file, "from-file", "", "JSON file of values, or a stored configuration; - is the standard input. Words count more")
	cmd.Flags().BoolVar(&f.ask, "ask", a.interactive(), "ask for values; without a terminal answers are lines of the standard input")
	cmd.Flags().Lookup("ask").DefValue = "on a terminal"
}

// values makes a stored configuration of values: it has no errors. stored is
// the one before; nil for a new connector.
func (a *app) values(kind connector.Kind, stored json.RawMessage, words []string, f valueFlags) (json.RawMessage, error) {
	values := map[string]string{}
	if f.file != "" {
		text, err := a.readStored(f.file)
		if err != nil {
			return nil, usagef("--from-file: %w", err)
		}
		raw, _ := configurationIn(kind, text)
		if values, err = fileValues(raw); err != nil {
			return nil, usagef("--from-file %s: %w", f.file, err)
		}
	}
	given, err := a.texts(kind, words)
	if err != nil {
		return nil, err
	}
	for key, value := range given {
		values[key] = value
	}
	if f.ask {
		q := questions{app: a, kind: kind, stored: stored, values: values, all: len(values) == 0}
		if err := q.ask(); err != nil {
			return nil, err
		}
	}
	raw, problems := kind.SetValues(stored, values)
	for _, p := range problems {
		if p.Warning {
			a.warn("%s", named(p))
		}
	}
	return raw, configError(kind, problems.Err())
}

// fileValues reads plain values, or those of stored fields, as texts.
func fileValues(raw json.RawMessage) (map[string]string, error) {
	var doc map[string]json.RawMessage
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("it must hold one JSON object: %w", err)
	}
	values := map[string]string{}
	for key, value := range doc {
		if field := members(value); field != nil {
			value = field["value"]
		}
		values[key] = plainText(value)
	}
	return values, nil
}

// plainText is a JSON value as a person types it.
func plainText(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil { // null is ""
		return text
	}
	return string(value)
}
