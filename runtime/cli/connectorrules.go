package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/protocol"
	"github.com/tributary-search/tributary/runtime/rules"
	"github.com/tributary-search/tributary/runtime/service"
)

func (a *app) connectorRulesCommand() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "rules CONNECTOR [--rules FILE]",
		Short: "Show a connector's sync rules, or replace them",
		Long: "Shows the rules in use and the draft. With a file it makes a new draft, checks it as\n" +
			"the service does, on the live system too, and puts it to use if it is valid. Where\n" +
			"the system can't be reached from here, the draft waits for a running service.",
		Example: "  tributary connector rules Documents --rules rules.json",
		Args:    exactly("CONNECTOR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.atDesk(cmd.Context(), func(d *desk) error { return a.connectorRules(cmd.Context(), d, args[0], file) })
		},
	}
	cmd.Flags().StringVar(&file, "rules", "", "file of sync rules")
	show := cmd.Flags().Bool("show", false, "show the rules, which is also what happens without a file")
	cmd.PreRunE = func(*cobra.Command, []string) error {
		if *show && file != "" {
			return usagef("connector rules takes --show or --rules, not both")
		}
		return nil
	}
	return cmd
}

// filteringLine is the one line of `connector rules --json`.
type filteringLine struct {
	Type       string            `json:"type"` // "rules"
	ID         string            `json:"id"`
	Active     json.RawMessage   `json:"active"` // as stored; null when there are none
	Draft      json.RawMessage   `json:"draft"`
	State      rules.State       `json:"state"`      // of the draft
	Validation *rules.Validation `json:"validation"` // of this command; null when the draft waits or was only shown
}

func (a *app) connectorRules(ctx context.Context, d *desk, word, file string) error {
	conn, err := d.connector(ctx, word)
	if err != nil {
		return err
	}
	if file == "" {
		return a.showRules(conn, nil)
	}
	kind, err := a.neededKind(conn)
	if err != nil {
		return err
	}
	if conn, _, err = d.protocol.Prepare(ctx, conn, kind); err != nil {
		return err
	}
	draft, err := a.draft(ctx, conn, kind, file)
	if err != nil {
		return err
	}
	conn, err = d.protocol.Update(ctx, conn, func(c protocol.Connector) (protocol.Patch, error) {
		all, err := rules.ParseFiltering(c.Filtering).Edit(draft, protocol.FormatTime(time.Now()))
		return protocol.Patch{"filtering": all}, err
	})
	if err != nil {
		return err
	}
	return a.activate(ctx, d, conn, kind, file)
}

// draft reads rules from a file and makes the checks that need no live system.
func (a *app) draft(ctx context.Context, conn protocol.Connector, kind connector.Kind, file string) (rules.Filter, error) {
	f, err := readFilter(kind, file)
	if err != nil {
		return f, err
	}
	v := f.Validate(ctx, conn.Features.Rules(), rules.ValidatorsOf(kind, nil))
	a.warnRules(v)
	if err := v.Err(); err != nil {
		return f, ruleError(file, err)
	}
	return f, nil
}

// activate validates the draft on the live system, as the service would.
func (a *app) activate(ctx context.Context, d *desk, conn protocol.Connector, kind connector.Kind, file string) error {
	source, done, err := a.openSource(ctx, kind, conn.ID, conn.Configuration)
	if err == nil {
		defer func() { _ = done() }()
		err = service.Check(ctx, source)
	}
	if err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		a.warn("the rules wait until a running service validates them: %s", a.redact.Error(err))
		return a.showRules(conn, nil)
	}
	conn, v, waited, err := d.protocol.ValidateDraft(ctx, conn, rules.ValidatorsOf(kind, source))
	if err != nil {
		return err
	}
	if !waited {
		return a.showRules(conn, nil) // a service was faster
	}
	if err := a.showRules(conn, &v); err != nil {
		return err
	}
	if err := v.Err(); err != nil {
		return ruleError(file, err)
	}
	return nil
}

func (a *app) showRules(conn protocol.Connector, v *rules.Validation) error {
	f := rules.ParseFiltering(conn.Filtering)
	line := filteringLine{"rules", conn.ID, stored(conn, "active"), stored(conn, "draft"), f.Draft().State, v}
	if a.json {
		return a.printJSON(line)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "connector %s: rules in use\n", conn.ID)
	writeRules(&b, line.Active)
	switch line.State {
	case rules.Edited:
		b.WriteString("the draft waits to be validated\n")
		writeRules(&b, line.Draft)
	case rules.Invalid:
		b.WriteString("the draft is invalid and not in use\n")
		writeRules(&b, line.Draft)
		for _, e := range shownErrors(line.Draft) {
			fmt.Fprintf(&b, "  error: %s\n", printable(e))
		}
	}
	return a.print("%s", b.String())
}

// stored is a part of a connector's filtering as it is stored.
func stored(conn protocol.Connector, part string) json.RawMessage {
	var list []map[string]json.RawMessage
	_ = json.Unmarshal(conn.Filtering, &list) // what is malformed is not shown
	for _, entry := range list {
		if domain := plainText(entry["domain"]); domain == rules.DefaultDomain || len(list) == 1 {
			return entry[part]
		}
	}
	return nil
}

// writeRules writes the rules of a filter in the order in which they are asked.
func writeRules(b *strings.Builder, filter json.RawMessage) {
	f := rules.ParseFilter(filter)
	set, err := f.Compile(rules.AllFeatures())
	if err != nil {
		fmt.Fprintf(b, "  can't be read: %s\n", printable(err.Error()))
		return
	}
	for _, h := range set.Hits() {
		fmt.Fprintf(b, "  %s: %s\n", printable(h.Rule.ID), printable(h.Rule.String()))
	}
	if f.HasAdvanced() {
		fmt.Fprintf(b, "  advanced: %s\n", printable(string(f.Source(rules.AllFeatures()).AdvancedRules)))
	}
	if set.Len() == 0 && !f.HasAdvanced() {
		b.WriteString("  none: every document is kept\n")
	}
}

// shownErrors are the messages that are stored with a draft.
func shownErrors(filter json.RawMessage) (messages []string) {
	var draft struct{ Validation rules.Validation }
	_ = json.Unmarshal(filter, &draft) // what is malformed has no messages
	for _, e := range draft.Validation.Errors {
		messages = append(messages, e.Messages...)
	}
	return messages
}
