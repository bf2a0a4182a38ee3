package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/tributary-search/tributary/runtime/connector"
)

// maxRules is the largest file of rules that is read, in bytes.
const maxRules = 1 << 20

// rulesFile is the one shape of rules: basic and advanced. A bare list is
// basic rules. What connector documents hold beside them is read over.
type rulesFile struct {
	Rules    []basicRule `json:"rules"`
	Advanced struct {
		Value     json.RawMessage `json:"value"`
		CreatedAt json.RawMessage `json:"created_at"`
		UpdatedAt json.RawMessage `json:"updated_at"`
	} `json:"advanced_snippet"`
	Validation json.RawMessage `json:"validation"`
}

// basicRule is a basic rule. The one that Kibana calls DEFAULT keeps all.
type basicRule struct {
	ID string `json:"id"`
}

// UnmarshalJSON reads the id only.
func (r *basicRule) UnmarshalJSON(data []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return err
	}
	if id, ok := members["id"]; ok {
		return json.Unmarshal(id, &r.ID)
	}
	return nil
}

// filter reads a file of rules and checks it against the source.
func (a *app) filter(kind connector.Kind, file string) (connector.Filter, error) {
	if file == "" {
		return connector.Filter{}, nil
	}
	rules, err := readRules(file)
	if err != nil {
		return connector.Filter{}, usagef("rules: %w", err)
	}
	if slices.ContainsFunc(rules.Rules, func(r basicRule) bool { return r.ID != "DEFAULT" }) {
		return connector.Filter{}, usagef("rules: %s holds basic rules, which this version does not know yet; advanced rules stand in {\"advanced_snippet\": {\"value\": …}}", file)
	}
	advanced := rules.Advanced.Value
	if emptyRules(advanced) {
		return connector.Filter{}, nil
	}
	if kind.CheckRules == nil {
		return connector.Filter{}, usagef("rules: source %s has no advanced rules", kind.ServiceType)
	}
	problems := kind.CheckRules(advanced)
	for _, p := range problems {
		if p.Warning {
			a.warn("rules: %s", p)
		}
	}
	if err := problems.Err(); err != nil {
		return connector.Filter{}, ruleError(file, err)
	}
	return connector.Filter{AdvancedRules: advanced}, nil
}

// emptyRules reports whether advanced rules say nothing.
func emptyRules(value json.RawMessage) bool {
	switch string(bytes.TrimSpace(value)) {
	case "", "null", "{}", "[]":
		return true
	}
	return false
}

func readRules(file string) (rules rulesFile, err error) {
	f, err := os.Open(file)
	if err != nil {
		return rules, err
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxRules+1))
	switch {
	case err != nil:
		return rules, err
	case len(data) > maxRules:
		return rules, fmt.Errorf("%s is larger than 1 MiB", file)
	}
	if text := bytes.TrimSpace(data); len(text) > 0 && text[0] == '[' {
		err = json.Unmarshal(text, &rules.Rules)
	} else {
		err = decodeClosed(data, &rules)
	}
	if err != nil {
		return rules, fmt.Errorf(`%s: %w; the shape is {"rules": […], "advanced_snippet": {"value": …}}`, file, err)
	}
	return rules, nil
}

// decodeClosed decodes one JSON value in which every name is known.
func decodeClosed(data []byte, to any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(to); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more after the end")
	}
	return nil
}

// ruleError is every problem of a file of rules, one a line.
func ruleError(file string, err error) error {
	var problems connector.Problems
	if !errors.As(err, &problems) {
		return err
	}
	var lines []error
	for _, p := range problems {
		where := file
		if p.Pointer != "" {
			where += " at " + p.Pointer
		}
		lines = append(lines, fmt.Errorf("%s: %s", where, p.Message))
	}
	return usageError{errors.Join(lines...)}
}
