package cli

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/tributary-search/tributary/runtime/connector"
)

func (a *app) sourcesCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "sources [SOURCE]",
		Short:   "List the sources, or explain the configuration of one",
		Example: "  tributary sources\n  tributary sources directory",
		Args:    cobra.MaximumNArgs(1),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return a.completeSource(cmd, args, word)
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if err := a.load(); err != nil {
				return err
			}
			if len(args) == 0 {
				return a.listSources()
			}
			kind, err := a.kind(args[0])
			if err != nil {
				return err
			}
			return a.explainSource(kind)
		},
	}
}

// kinds returns the sources that are compiled in, narrowed by the settings, in
// the order of their names.
func (a *app) kinds() ([]connector.Kind, error) {
	wanted := slices.Sorted(maps.Keys(a.settings.Sources))
	for _, name := range wanted {
		if class := a.settings.Sources[name]; strings.Contains(class, ":") {
			a.warn("sources: %s is a class of Elastic's service and no folder; the whole list has no effect", class)
			wanted = nil
			break
		}
		if !slices.ContainsFunc(a.Kinds, func(k connector.Kind) bool { return k.Is(name) }) {
			return nil, usagef("sources.%s: this program was built without it; run go generate ./... and build again", name)
		}
	}
	var kinds []connector.Kind
	for _, k := range a.Kinds {
		if len(wanted) == 0 || slices.ContainsFunc(wanted, k.Is) {
			kinds = append(kinds, k)
		}
	}
	slices.SortFunc(kinds, func(x, y connector.Kind) int { return strings.Compare(x.ServiceType, y.ServiceType) })
	return kinds, nil
}

// sourceLine is a source in `sources --json`.
type sourceLine struct {
	ServiceType   string              `json:"service_type"`
	Name          string              `json:"name"`
	About         string              `json:"about"`
	Aliases       []string            `json:"aliases"`
	Abilities     []connector.Ability `json:"abilities"`
	ConfigSchema  json.RawMessage     `json:"config_schema,omitempty"`
	RulesSchema   json.RawMessage     `json:"rules_schema,omitempty"`
	Configuration json.RawMessage     `json:"configuration,omitempty"`
}

func newSourceLine(k connector.Kind) sourceLine {
	return sourceLine{
		ServiceType: k.ServiceType, Name: k.Name, About: k.About,
		Aliases: append([]string{}, k.Aliases...), Abilities: append([]connector.Ability{}, k.Abilities...),
	}
}

func (a *app) listSources() error {
	kinds, err := a.kinds()
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(a.Stdout, 0, 8, 2, ' ', 0)
	for _, k := range kinds {
		if a.json {
			if err := a.printJSON(newSourceLine(k)); err != nil {
				return err
			}
			continue
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\n", k.ServiceType, k.About)
	}
	return table.Flush()
}

func (a *app) explainSource(k connector.Kind) error {
	if a.json {
		line := newSourceLine(k)
		line.ConfigSchema, line.RulesSchema, line.Configuration = k.ConfigSchema, k.RulesSchema, k.Configuration
		return a.printJSON(line)
	}
	fields, err := richFields(k)
	if err != nil {
		return err
	}
	out := a.Stdout
	_, _ = fmt.Fprintf(out, "%s (%s): %s\n\n", k.Name, strings.Join(append([]string{k.ServiceType}, k.Aliases...), ", "), k.About)
	for _, f := range sorted(fields) {
		_, _ = fmt.Fprintf(out, "  %s%s\n", f.name, f.notes())
		if f.Tooltip != "" {
			_, _ = fmt.Fprintf(out, "      %s\n", f.Tooltip)
		}
	}
	example := "tributary sync " + k.ServiceType
	for _, f := range sorted(fields) {
		if f.Required && f.Value == nil {
			example += " " + f.name + "=…"
		}
	}
	_, err = fmt.Fprintf(out, "\nExample: %s\n", example)
	return err
}
