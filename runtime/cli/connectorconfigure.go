package cli

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tributary-search/tributary/runtime/protocol"
)

func (a *app) connectorConfigureCommand() *cobra.Command {
	var f valueFlags
	cmd := &cobra.Command{
		Use:   "configure CONNECTOR [key=value...]",
		Short: "Change values of a connector's configuration",
		Long: "Changes values of a connector's configuration and leaves the others as they are; an\n" +
			"empty value (key=) takes the old one away. On a terminal, without values, it asks for\n" +
			"each. Nothing is written unless the whole configuration is valid then.",
		Example: "  tributary connector configure Documents 'exclude=**/.git/**' max_content_size=1000000",
		Args:    needs("CONNECTOR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.atDesk(cmd.Context(), func(d *desk) error { return a.connectorConfigure(cmd.Context(), d, args, f) })
		},
	}
	f.register(cmd, a)
	return cmd
}

// configuredLine is the one line of `connector configure --json`.
type configuredLine struct {
	Type    string   `json:"type"` // "configured"
	ID      string   `json:"id"`
	Changed []string `json:"changed"` // names of fields
}

func (a *app) connectorConfigure(ctx context.Context, d *desk, args []string, f valueFlags) error {
	conn, err := d.connector(ctx, args[0])
	if err != nil {
		return err
	}
	kind, err := a.neededKind(conn)
	if err != nil {
		return err
	}
	if len(args) == 1 && f.file == "" && !f.ask {
		return usagef("connector configure needs key=value words; tributary sources %s lists the keys", kind.ServiceType)
	}
	if conn, _, err = d.protocol.Prepare(ctx, conn, kind); err != nil {
		return err
	}
	raw, err := a.values(kind, conn.Configuration, args[1:], f)
	if err != nil {
		return err
	}
	before := conn.Configuration
	changed := changedFields(before, raw)
	if len(changed) > 0 || status(conn) == protocol.NeedsConfiguration {
		conn, err = d.protocol.Update(ctx, conn, func(now protocol.Connector) (protocol.Patch, error) {
			if !bytes.Equal(now.Configuration, before) {
				return nil, usagef("somebody else changed the configuration of connector %s meanwhile; look at it and try again", now.ID)
			}
			return protocol.Patch{"configuration": raw, "status": protocol.Configured}, nil
		})
		if err != nil {
			return err
		}
	}
	if a.json {
		return a.printJSON(configuredLine{"configured", conn.ID, changed})
	}
	if len(changed) == 0 {
		return a.print("connector %s: nothing changed\n", conn.ID)
	}
	return a.print("connector %s: changed %s\n", conn.ID, strings.Join(changed, ", "))
}

// changedFields are the names of fields that differ.
func changedFields(before, after []byte) []string {
	old, changed := members(before), []string{}
	now := members(after)
	for _, name := range slices.Sorted(maps.Keys(now)) {
		if !bytes.Equal(old[name], now[name]) {
			changed = append(changed, name)
		}
	}
	return changed
}
