package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/rules"
)

func (a *app) rulesCommand() *cobra.Command {
	return group("rules", "Try sync rules on documents, or check them", a.rulesTestCommand(), a.rulesCheckCommand())
}

func (a *app) rulesTestCommand() *cobra.Command {
	var file, docs string
	cmd := &cobra.Command{
		Use:     "test --rules FILE --docs FILE",
		Short:   "Say for each document whether basic rules keep it, and which rule decides",
		Example: "  tributary rules test --rules rules.json --docs documents.ndjson",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if file == "" || docs == "" {
				return usagef("rules test needs --rules and --docs")
			}
			if err := a.load(); err != nil {
				return err
			}
			return a.rulesTest(cmd.Context(), file, docs)
		},
	}
	cmd.Flags().StringVar(&file, "rules", "", "file of sync rules")
	cmd.Flags().StringVar(&docs, "docs", "", "file of documents, JSON objects one after the other; - is the standard input")
	return cmd
}

func (a *app) rulesCheckCommand() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:     "check SOURCE --filtering FILE [KEY=VALUE…]",
		Short:   "Check sync rules; with a configuration, against the live system too",
		Example: "  tributary rules check directory --filtering rules.json",
		Args:    needs("SOURCE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if file == "" {
				return usagef("rules check needs --filtering")
			}
			if err := a.load(); err != nil {
				return err
			}
			return a.rulesCheck(cmd.Context(), args, file)
		},
	}
	cmd.Flags().StringVar(&file, "filtering", "", "file of sync rules")
	return cmd
}

// verdictLine is a document of `rules test --json`.
type verdictLine struct {
	ID   string  `json:"id"`
	Keep bool    `json:"keep"`
	Rule *string `json:"rule"` // id of the rule that decided; null when none did
}

// hitsLine is a rule of `rules test --json`, after all documents.
type hitsLine struct {
	Rule string `json:"rule"`
	Hits int64  `json:"hits"`
}

func (a *app) rulesTest(ctx context.Context, file, docs string) error {
	text, err := readRules(file)
	if err != nil {
		return usagef("rules: %w", err)
	}
	f, features := rules.ParseFilter(text), rules.AllFeatures()
	if err := f.Validate(ctx, features, rules.Validators{}).Err(); err != nil {
		return ruleError(file, err)
	}
	set, err := f.Compile(features)
	if err != nil {
		return ruleError(file, err)
	}
	why := map[string]string{}
	for _, h := range set.Hits() {
		why[h.Rule.ID] = h.Rule.String()
	}
	table := tabwriter.NewWriter(a.Stdout, 0, 8, 2, ' ', 0)
	n := 0
	err = a.eachDocument(ctx, docs, func(id string, fields []byte) error {
		keep, rule := set.Decide(id, fields)
		if n++; n%alignedRows == 0 {
			if err := table.Flush(); err != nil {
				return err
			}
		}
		return a.printVerdict(table, verdictLine{ID: id, Keep: keep, Rule: orNull(rule)}, why[rule])
	})
	if err != nil {
		return errors.Join(table.Flush(), err)
	}
	return errors.Join(table.Flush(), a.printRuleHits(set))
}

// alignedRows is how many rows of a table are aligned with one another.
const alignedRows = 100

// orNull is nil for no rule.
func orNull(rule string) *string {
	if rule == "" {
		return nil
	}
	return &rule
}

func (a *app) printVerdict(table io.Writer, line verdictLine, why string) error {
	if a.json {
		return a.printJSON(line)
	}
	verdict := "drop"
	if line.Keep {
		verdict = "keep"
	}
	reason := "no rule matches"
	if line.Rule != nil {
		reason = "rule " + *line.Rule + ": " + why
	}
	_, err := fmt.Fprintf(table, "%s\t%s\t%s\n", verdict, printable(line.ID), printable(reason))
	return err
}

func (a *app) printRuleHits(set *rules.Set) error {
	if !a.json {
		return a.print("%s", hitsText(set))
	}
	for _, h := range set.Hits() {
		if err := a.printJSON(hitsLine{h.Rule.ID, h.Hits}); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) rulesCheck(ctx context.Context, args []string, file string) error {
	kind, err := a.kind(args[0])
	if err != nil {
		return err
	}
	f, err := readFilter(kind, file)
	if err != nil {
		return err
	}
	checks := rules.ValidatorsOf(kind, nil)
	if len(args) > 1 {
		source, closeSource, err := a.openForRules(ctx, kind, args[1:])
		if err != nil {
			return err
		}
		defer func() { _ = closeSource() }()
		checks = rules.ValidatorsOf(kind, source)
	}
	return a.printValidation(file, f.Validate(ctx, rules.AllFeatures(), checks))
}

// openForRules opens the source for the checks of its own.
func (a *app) openForRules(ctx context.Context, kind connector.Kind, words []string) (connector.Source, func() error, error) {
	raw, err := a.configuration(kind, words)
	if err != nil {
		return nil, nil, err
	}
	return a.open(ctx, request{kind: kind, raw: raw})
}

// printValidation prints what would be stored in a connector document.
func (a *app) printValidation(file string, v rules.Validation) error {
	a.warnRules(v)
	if a.json {
		if err := a.printJSON(v); err != nil {
			return err
		}
	}
	err := v.Err()
	switch {
	case err == nil && !a.json:
		return a.print("%s: %s\n", file, cmp.Or(string(v.State), "valid"))
	case err == nil:
		return nil
	}
	return ruleError(file, err)
}
