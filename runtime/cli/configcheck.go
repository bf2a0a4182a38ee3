package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/service"
)

func (a *app) configCommand() *cobra.Command {
	return group("config", "Check the configuration of a source", a.configCheckCommand())
}

func (a *app) configCheckCommand() *cobra.Command {
	var stored string
	var ping bool
	cmd := &cobra.Command{
		Use:   "check SOURCE [--stored FILE | KEY=VALUE…]",
		Short: "Say everything that is wrong with a configuration, and whether the system answers",
		Long: "Checks a configuration: key=value words, or a file with what Kibana stores (the\n" +
			"fields, the connector's document, or plain values). What an update of the source\n" +
			"would change in a stored one is a warning.",
		Example: "  tributary config check directory directory=/srv/documents --ping\n" +
			"  tributary config check directory --stored connector.json",
		Args:              needs("SOURCE"),
		ValidArgsFunction: a.completeSource,
		RunE: func(cmd *cobra.Command, args []string) error {
			if stored != "" && len(args) > 1 {
				return usagef("config check takes --stored or key=value words, not both")
			}
			if err := a.load(); err != nil {
				return err
			}
			return a.configCheck(cmd.Context(), args, stored, ping)
		},
	}
	cmd.Flags().StringVar(&stored, "stored", "", "file of a stored configuration or connector; - is the standard input")
	cmd.Flags().BoolVar(&ping, "ping", false, "ask the system too: whether it answers, and what only it can tell")
	return cmd
}

// configLine is the one line of `config check --json`.
type configLine struct {
	Type        string             `json:"type"` // "config_check"
	ServiceType string             `json:"service_type"`
	State       string             `json:"state"`    // "valid" or "invalid"
	Problems    connector.Problems `json:"problems"` // warnings as well
	Outdated    bool               `json:"outdated"` // an update of the source changes what is stored
	Answers     *bool              `json:"answers"`  // whether the system did; null when it was not asked
	Error       *string            `json:"error"`    // why it did not
}

func (a *app) configCheck(ctx context.Context, args []string, stored string, ping bool) error {
	kind, err := a.kind(args[0])
	if err != nil {
		return err
	}
	c, err := a.candidate(kind, args[1:], stored)
	if err != nil {
		return err
	}
	line := configLine{Type: "config_check", ServiceType: kind.ServiceType, State: "valid", Problems: append(connector.Problems{}, c.problems...), Outdated: c.outdated}
	if ping && c.problems.Err() == nil {
		err = a.askSystem(ctx, kind, c.raw, &line)
	}
	if line.Problems.Err() != nil {
		line.State = "invalid"
	}
	for i := range line.Problems {
		line.Problems[i].Message = a.redact.Text(line.Problems[i].Message)
	}
	if a.json {
		if err := a.printJSON(line); err != nil {
			return err
		}
	}
	return a.concludeConfig(line, err)
}

// askSystem opens the source and completes the line. The error is why there
// is no answer; problems that the system has found are in the line.
func (a *app) askSystem(ctx context.Context, kind connector.Kind, raw json.RawMessage, line *configLine) error {
	var found connector.Problems
	source, closeSource, err := a.openSource(ctx, kind, "", raw)
	if errors.As(err, &found) {
		line.Problems = append(line.Problems, found...)
		return nil
	}
	if err == nil {
		defer func() { _ = closeSource() }()
		err = service.Guard(a.log, kind, func() error { return source.Ping(ctx) })
	}
	answers := err == nil
	if v, ok := source.(connector.ConfigValidator); ok && answers {
		err = service.Guard(a.log, kind, func() error { return v.ValidateConfig(ctx) })
		if errors.As(err, &found) {
			line.Problems, err = append(line.Problems, found...), nil
		}
	}
	line.Answers = &answers
	if err != nil {
		text := a.redact.Text(err.Error())
		line.Error = &text
	}
	return err
}

// concludeConfig prints what was found for people.
func (a *app) concludeConfig(line configLine, unanswered error) error {
	for i, p := range line.Problems {
		if p.Warning && i < maxShown {
			a.warn("%s", inFull(p))
		}
	}
	var problems connector.Problems
	if errors.As(line.Problems.Err(), &problems) {
		return usagef("%s", allInFull(problems))
	}
	if unanswered != nil {
		return fmt.Errorf("ask %s: %w", line.ServiceType, unanswered)
	}
	said := "valid"
	if line.Answers != nil {
		said = "valid, and the system answers"
	}
	if a.json {
		return nil
	}
	return a.print("%s: %s\n", line.ServiceType, said)
}

// maxShown is how many problems are shown to people.
const maxShown = 100

// allInFull is every problem, one a line.
func allInFull(problems connector.Problems) string {
	var lines []string
	for _, p := range problems[:min(len(problems), maxShown)] {
		lines = append(lines, inFull(p))
	}
	if more := len(problems) - maxShown; more > 0 {
		lines = append(lines, fmt.Sprintf("and %s more", counted(int64(more), "problem")))
	}
	return strings.Join(lines, "\n")
}

// inFull is a problem with the name of its field and the key.
func inFull(p connector.Problem) string {
	if p.Label == "" {
		return named(p)
	}
	return p.Label + " (" + strings.Replace(named(p), ": ", "): ", 1)
}
