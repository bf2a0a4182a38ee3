package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/cron"
	"github.com/tributary-search/tributary/runtime/protocol"
	"github.com/tributary-search/tributary/runtime/rules"
)

func (a *app) connectorShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show CONNECTOR",
		Short: "Show a connector: its state, configuration and schedules",
		Long:  "Shows a connector, named by its id or its name. Secrets are not shown.",
		Args:  exactly("CONNECTOR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.atDesk(cmd.Context(), func(d *desk) error { return a.connectorShow(cmd.Context(), d, args[0]) })
		},
	}
}

// shownLine is the one line of `connector show --json`.
type shownLine struct {
	connectorLine
	Configuration map[string]json.RawMessage `json:"configuration"` // values; secrets are "[redacted]"
	Rules         rulesState                 `json:"rules"`
}

// rulesState is where the sync rules of a connector stand.
type rulesState struct {
	Active int         `json:"active"` // basic rules in use, but for the default one
	Draft  rules.State `json:"draft"`
}

func (a *app) connectorShow(ctx context.Context, d *desk, word string) error {
	conn, err := d.connector(ctx, word)
	if err != nil {
		return err
	}
	filtering := rules.ParseFiltering(conn.Filtering)
	line := shownLine{a.connectorLine(conn), a.shownValues(conn), rulesState{Draft: filtering.Draft().State}}
	if set, err := filtering.Active().Compile(rules.AllFeatures()); err == nil {
		line.Rules.Active = set.Len()
	}
	if a.json {
		return a.printJSON(line)
	}
	return a.showConnector(conn, line)
}

// redacted stands for a secret.
const redacted = "[redacted]"

// shownValues are the values of a configuration. What is not known to be no
// secret is redacted.
func (a *app) shownValues(conn protocol.Connector) map[string]json.RawMessage {
	open := map[string]bool{}
	if kind, ok := a.kindOf(conn.ServiceType); ok {
		if secrets, err := secretFields(kind); err == nil {
			for name, secret := range secrets {
				open[name] = !secret
			}
		}
	}
	values := map[string]json.RawMessage{}
	for name, raw := range members(conn.Configuration) {
		var stored struct {
			Value     json.RawMessage `json:"value"`
			Sensitive *bool           `json:"sensitive"`
		}
		value := raw
		if json.Unmarshal(raw, &stored) == nil && members(raw) != nil {
			value = stored.Value
		}
		visible, known := open[name]
		if !known {
			visible = stored.Sensitive != nil
		}
		secret := !visible || stored.Sensitive != nil && *stored.Sensitive
		if secret && something(value) != nil {
			value = json.RawMessage(`"` + redacted + `"`)
		}
		if len(value) == 0 {
			value = json.RawMessage("null")
		}
		values[name] = withoutPasswords(value)
	}
	return values
}

// withoutPasswords hides the passwords of addresses, such as that of a
// connection string in a field that is no secret itself.
func withoutPasswords(value json.RawMessage) json.RawMessage {
	var text string
	var list []json.RawMessage
	switch {
	case json.Unmarshal(value, &text) == nil:
		if clean := connector.WithoutPasswords(text); clean != text {
			value, _ = json.Marshal(clean)
		}
	case json.Unmarshal(value, &list) == nil:
		for i := range list {
			list[i] = withoutPasswords(list[i])
		}
		value, _ = json.Marshal(list)
	}
	return value
}

func (a *app) showConnector(c protocol.Connector, line shownLine) error {
	rows := [][2]string{{"connector", called(c)}, {"source", cmp.Or(c.ServiceType, "none")}, {"index", cmp.Or(c.IndexName, "none")}, {"status", line.Status}}
	add := func(name, value string) {
		if value != "" {
			rows = append(rows, [2]string{name, value})
		}
	}
	add("error", printable(c.Error))
	add("description", printable(c.Description))
	add("last sync", lastSync(c))
	if c.LastSyncError != c.Error {
		add("its error", printable(c.LastSyncError))
	}
	if c.LastAccessSyncStatus != "" {
		add("last access control sync", string(c.LastAccessSyncStatus))
	}
	if !c.LastSeen.IsZero() {
		add("a service was seen", ago(c.LastSeen))
	}
	for _, t := range protocol.JobTypes() {
		if s := c.Scheduling[t]; s.Enabled {
			add(string(t)+" syncs", s.Interval+", next "+nextTime(s.Interval))
		}
	}
	add("pipeline", c.Pipeline.Name)
	add("rules", fmt.Sprintf("%s in use; the draft is %s", counted(int64(line.Rules.Active), "basic rule"), line.Rules.Draft))
	var b strings.Builder
	writeTable(&b, rows)
	b.WriteString("configuration\n")
	writeTable(&b, a.valueRows(c, line.Configuration))
	return a.print("%s", b.String())
}

// valueRows are the values of a configuration, in the order of the form.
func (a *app) valueRows(c protocol.Connector, values map[string]json.RawMessage) [][2]string {
	rows, known := [][2]string{}, map[string]bool{}
	if kind, ok := a.kindOf(c.ServiceType); ok {
		fields, _ := richFields(kind) // generated, and tested
		for _, f := range sorted(fields) {
			value, there := values[f.name]
			known[f.name] = true
			text := plainText(value)
			if preset := f.current(); text == "" && preset != nil && !f.Sensitive {
				text = plainText(preset) + " (default)"
			}
			if there {
				rows = append(rows, [2]string{"  " + f.name, printable(text)})
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !known[name] {
			rows = append(rows, [2]string{"  " + printable(name), printable(plainText(values[name]))})
		}
	}
	return rows
}

// writeTable writes rows of a name and a value.
func writeTable(w io.Writer, rows [][2]string) {
	table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, row := range rows {
		_, _ = fmt.Fprintf(table, "%s\t%s\n", row[0], row[1])
	}
	_ = table.Flush()
}

// nextTime is when a stored schedule is due next, for people.
func nextTime(interval string) string {
	s, err := cron.Parse(interval)
	if err != nil {
		return "never: " + err.Error()
	}
	next, ok := s.Next(time.Now().UTC())
	if !ok {
		return "never"
	}
	return next.Format(peopleTime)
}
