package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/protocol"
	"github.com/tributary-search/tributary/runtime/schema"
)

func (a *app) connectorCommand() *cobra.Command {
	return group("connector", "Make connectors and change them, as Kibana does",
		a.connectorCreateCommand(), a.connectorListCommand(), a.connectorShowCommand(), a.connectorConfigureCommand(),
		a.connectorScheduleCommand(), a.connectorRulesCommand(), a.connectorPipelineCommand(), a.connectorDeleteCommand())
}

// desk is where connectors and sync jobs are kept.
type desk struct {
	*target
	protocol *protocol.Client
}

// atDesk reads the settings, connects and works.
func (a *app) atDesk(ctx context.Context, work func(*desk) error) (err error) {
	if err := a.load(); err != nil {
		return err
	}
	t, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	return work(&desk{t, protocol.New(t.Documents(), protocol.Options{Log: a.log})})
}

// connectors returns those that are not deleted, in the order of their names.
func (d *desk) connectors(ctx context.Context) ([]protocol.Connector, error) {
	all, err := d.protocol.Connectors(ctx, protocol.Selection{All: true}, -1)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(c protocol.Connector) bool { return c.Deleted })
	slices.SortFunc(all, func(x, y protocol.Connector) int {
		return cmp.Or(strings.Compare(x.Name, y.Name), strings.Compare(x.ID, y.ID))
	})
	return all, nil
}

// connector finds one by its id or by a name that no other has.
func (d *desk) connector(ctx context.Context, word string) (protocol.Connector, error) {
	if word == "" {
		return protocol.Connector{}, usagef("the name of the connector is empty")
	}
	conn, err := d.protocol.Connector(ctx, word)
	if err == nil && !conn.Deleted {
		return conn, nil
	}
	if err != nil && !errors.Is(err, protocol.ErrNotFound) {
		return conn, err
	}
	all, err := d.connectors(ctx)
	if err != nil {
		return conn, err
	}
	var named, names []string
	for _, c := range all {
		if c.Name == word {
			named, conn = append(named, c.ID), c
		}
		names = append(names, c.ID, c.Name)
	}
	switch len(named) {
	case 0:
		hint := cmp.Or(schema.DidYouMean(word, names), "; tributary connector list shows those on "+d.name())
		return conn, usagef("there is no connector %q%s", word, hint)
	case 1:
		return conn, nil
	}
	return conn, usagef("the name %q belongs to %d connectors; name one by its id: %s", word, len(named), strings.Join(named, ", "))
}

// kindOf returns the source of a connector, if this program has it.
func (a *app) kindOf(serviceType string) (connector.Kind, bool) {
	for _, k := range a.Kinds {
		if serviceType != "" && k.Is(serviceType) {
			return k, true
		}
	}
	return connector.Kind{}, false
}

// neededKind is the source of a connector without which nothing can be done.
func (a *app) neededKind(conn protocol.Connector) (connector.Kind, error) {
	kind, ok := a.kindOf(conn.ServiceType)
	switch {
	case conn.ServiceType == "":
		return kind, usagef("connector %s has no service type; choose one in Kibana first", conn.ID)
	case !ok:
		return kind, usagef("connector %s has the service type %q, which this program does not know; tributary sources lists those that it does",
			conn.ID, conn.ServiceType)
	}
	return kind, nil
}

// jobType reads the type of a sync job.
func jobType(word string) (protocol.JobType, error) {
	t := protocol.JobType(word)
	if slices.Contains(protocol.JobTypes(), t) {
		return t, nil
	}
	var names []string
	for _, t := range protocol.JobTypes() {
		names = append(names, string(t))
	}
	return t, usagef("there are no syncs of the type %q%s; the types are %s", word, schema.DidYouMean(word, names), strings.Join(names, ", "))
}

// able refuses a type of sync that a connector can't do.
func (a *app) able(conn protocol.Connector, t protocol.JobType) error {
	kind, known := a.kindOf(conn.ServiceType)
	switch {
	case t == protocol.Incremental && known && !kind.Can(connector.AbilityIncremental):
		return usagef("source %s can't tell what changed, so there are no incremental syncs of it; use full ones, which send only what changed", kind.ServiceType)
	case t == protocol.AccessControl && known && !kind.Can(connector.AbilityAccessControl):
		return usagef("source %s does not know who may read its documents, so there are no access control syncs of it", kind.ServiceType)
	case t == protocol.Incremental && !known && !conn.Features.Incremental:
		return usagef("incremental syncs are switched off for connector %s", conn.ID)
	case t == protocol.AccessControl && !known && !conn.Features.DocumentLevelSecurity:
		return usagef("document level security is switched off for connector %s", conn.ID)
	}
	return nil
}

// called is a connector as people read it.
func called(c protocol.Connector) string {
	if c.Name == "" || c.Name == c.ID {
		return c.ID
	}
	return fmt.Sprintf("%s (%s)", c.ID, printable(c.Name))
}

// exactly asks for the words that it names, and optional ones in brackets after
// them, and no more.
func exactly(names ...string) cobra.PositionalArgs {
	needed := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return strings.HasPrefix(name, "[") })
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > len(names) {
			return fmt.Errorf("there is no place for %q", args[len(names)])
		}
		return needs(needed...)(cmd, args)
	}
}
