package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/rules"
)

// syncRules is what a file of rules says: which documents are kept, and what
// the source is asked for.
type syncRules struct {
	file   string // empty: there are no rules
	stored rules.Filter
	basic  *rules.Set // nil: every document is kept
	filter connector.Filter
}

// rules reads a file of sync rules and makes the checks that need no open
// source. The shape is the one that connector documents have; a bare list is
// basic rules.
func (a *app) rules(ctx context.Context, kind connector.Kind, file string) (r syncRules, err error) {
	if file == "" {
		return r, nil
	}
	f, err := readFilter(kind, file)
	if err != nil {
		return r, err
	}
	features := rules.AllFeatures()
	if err := f.Validate(ctx, features, rules.ValidatorsOf(kind, nil)).Err(); err != nil {
		return r, ruleError(file, err)
	}
	set, err := f.Compile(features)
	if err != nil {
		return r, ruleError(file, err)
	}
	return syncRules{file: file, stored: f, basic: set, filter: f.Source(features)}, nil
}

// rulesReady makes the checks of the open source besides, and warns.
func (a *app) rulesReady(ctx context.Context, source connector.Source, r request) error {
	if r.rules.file == "" {
		return nil
	}
	v := r.rules.stored.Validate(ctx, rules.AllFeatures(), rules.ValidatorsOf(r.kind, source))
	a.warnRules(v)
	if err := v.Err(); err != nil {
		return ruleError(r.rules.file, err)
	}
	return nil
}

func (a *app) warnRules(v rules.Validation) {
	for _, w := range v.Warnings {
		for _, message := range w.Messages {
			a.warn("rules: %s", message)
		}
	}
}

// readFilter reads a file of sync rules for a source.
func readFilter(kind connector.Kind, file string) (rules.Filter, error) {
	text, err := readRules(file)
	if err != nil {
		return rules.Filter{}, usagef("rules: %w", err)
	}
	f := rules.ParseFilter(text)
	if f.HasAdvanced() && kind.CheckRules == nil {
		return f, usagef("rules: source %s has no advanced rules", kind.ServiceType)
	}
	return f, nil
}

func readRules(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, rules.MaxText+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) > rules.MaxText:
		return nil, fmt.Errorf("%s is larger than %d MiB, the most that rules may take", file, rules.MaxText>>20)
	case len(bytes.TrimSpace(text)) == 0:
		return nil, fmt.Errorf(`%s is empty; the shape is {"rules": […], "advanced_snippet": {"value": …}}`, file)
	}
	return text, nil
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
		if p.Line > 0 {
			where += fmt.Sprintf(":%d", p.Line)
		}
		if p.Pointer != "" {
			where += " at " + p.Pointer
		}
		lines = append(lines, fmt.Errorf("%s: %s", where, p.Message))
	}
	return usageError{errors.Join(lines...)}
}
