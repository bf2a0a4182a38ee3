package service

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tributary-search/tributary/runtime/protocol"
	"github.com/tributary-search/tributary/runtime/settings"
)

// Select returns the connectors that the settings name. On the embedded node
// nobody else works on connectors, so that naming none means all.
//
// On Elasticsearch it is an error to name none, since another service may own
// them: the error lists those that are there and the lines to add.
func Select(ctx context.Context, p *protocol.Client, s settings.Settings) (protocol.Selection, error) {
	sel := protocol.Selection{ServiceTypes: s.Service.ServiceTypes}
	for _, c := range s.Connectors {
		sel.IDs = append(sel.IDs, c.ConnectorID)
	}
	if len(sel.IDs)+len(sel.ServiceTypes) > 0 {
		return sel, nil
	}
	all := protocol.Selection{All: true}
	if s.Embedded() {
		return all, nil
	}
	there, err := p.Connectors(ctx, all, -1)
	if err != nil {
		return sel, fmt.Errorf("no connector is named in the settings, and those that are there can't be listed: %w", err)
	}
	return sel, errors.New(refusal(there))
}

// shownConnectors is how many connectors a refusal lists.
const shownConnectors = 20

// refusal says how to name connectors.
func refusal(there []protocol.Connector) string {
	var b strings.Builder
	b.WriteString("the settings name no connector to work on, and another service may own those that are there; ")
	var lines []string
	for _, c := range slices.Backward(there) { // the newest first
		if !c.Deleted {
			lines = append(lines, fmt.Sprintf("  - connector_id: %s # %s", c.ID, about(c)))
		}
	}
	if len(lines) == 0 {
		b.WriteString("there are none yet: write the service types to work on in config.yml, such as\nservice:\n  service_types: [directory]")
		return b.String()
	}
	b.WriteString("write in config.yml those that are yours (or service_types below service):\nconnectors:")
	for i, line := range lines {
		if i == shownConnectors {
			fmt.Fprintf(&b, "\n  # and %d more", len(lines)-i)
			break
		}
		b.WriteString("\n" + line)
	}
	return b.String()
}

// about is a connector in a few words, on one line.
func about(c protocol.Connector) string {
	text := c.ServiceType
	if text == "" {
		text = "no service type"
	}
	if c.Name != "" {
		text += fmt.Sprintf(", %q", c.Name)
	}
	if c.IndexName != "" {
		text += ", index " + c.IndexName
	}
	return text
}
