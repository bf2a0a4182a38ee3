package protocol

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/tributary-search/tributary/runtime/connector"
	"github.com/tributary-search/tributary/runtime/rules"
)

// Prepare brings a connector's document up to its kind of source: its service
// type, its configuration (made, or brought up to the declaration), its
// features, and its status where that follows from them. The problems are what
// is told about the configuration; those that are no warnings are in the
// document too. Nothing is written when nothing changes.
func (c *Client) Prepare(ctx context.Context, conn Connector, kind connector.Kind) (Connector, connector.Problems, error) {
	var reports connector.Problems
	conn, err := c.Update(ctx, conn, func(conn Connector) (p Patch, err error) {
		p, reports = prepare(conn, kind)
		return p, nil
	})
	return conn, reports, err
}

// lostConfiguration is the error of a connector that was in use.
const lostConfiguration = "the configuration was empty and its fields have been written again: fill them in and save"

func prepare(conn Connector, kind connector.Kind) (Patch, connector.Problems) {
	p := Patch{}
	if conn.ServiceType == "" {
		p["service_type"] = kind.ServiceType
	}
	prepared, reports := kind.Prepare(conn.Configuration)
	if bad := reports.Err(); bad != nil {
		p.fail(conn, bad.Error())
	} else if !bytes.Equal(prepared, conn.Configuration) {
		p["configuration"] = prepared
	}
	if blank(conn.Configuration) && !blank(prepared) || conn.Status == "" || conn.Status == Created {
		p.needConfiguration(conn)
	}
	stored := conn.raw("features")
	if features := kindFeatures(stored, kind, conn.Native); !bytes.Equal(features, stored) {
		p["features"] = features
	}
	if len(p) == 0 {
		return nil, reports
	}
	return p, reports
}

// needConfiguration asks for values in the way that the connector's status
// allows.
func (p Patch) needConfiguration(conn Connector) {
	switch conn.Status {
	case "", Created, Configured:
		if p["status"] == nil {
			p["status"], p["error"] = NeedsConfiguration, nil
		}
	case Connected, Errored:
		p.fail(conn, lostConfiguration)
	}
}

// fail writes an error, unless it is there.
func (p Patch) fail(conn Connector, message string) {
	if message = reason(message); conn.Status != Errored || conn.Error != message {
		p["status"], p["error"] = Errored, message
	}
}

// blank reports a configuration without fields.
func blank(configuration json.RawMessage) bool {
	o, err := parseObject(configuration)
	return len(configuration) == 0 || err == nil && len(o) == 0
}

// kindFeatures lays what a kind can do over stored features. In a native
// connector, which Kibana makes with features of its own, a stored choice
// stays unless the kind can't keep it.
func kindFeatures(stored json.RawMessage, kind connector.Kind, native bool) json.RawMessage {
	o, err := parseObject(stored)
	if err != nil {
		o = nil
	}
	sync := o.object("sync_rules")
	sync = sync.feature("basic", true, native)
	sync = sync.feature("advanced", kind.Can(connector.AbilityAdvancedRules), native)
	if raw := sync.json(); !bytes.Equal(raw, o.get("sync_rules")) {
		o = o.set("sync_rules", raw)
	}
	o = o.feature("document_level_security", kind.Can(connector.AbilityAccessControl), native)
	o = o.feature("incremental_sync", kind.Can(connector.AbilityIncremental), native)
	if err == nil && o.same(stored) {
		return stored
	}
	return o.json()
}

// feature sets {"enabled": …} of one feature and keeps what else it holds.
func (o object) feature(name string, can, choice bool) object {
	below := o.object(name)
	on := can
	if choice && below.get("enabled") != nil {
		on = can && below.truth("enabled")
	}
	if below.get("enabled") != nil && below.truth("enabled") == on {
		return o
	}
	value := json.RawMessage("false")
	if on {
		value = json.RawMessage("true")
	}
	return o.set(name, below.set("enabled", value).json())
}

// same reports whether the members are those of a text.
func (o object) same(raw json.RawMessage) bool {
	before, _ := parseObject(raw)
	return bytes.Equal(before.json(), o.json())
}

// Connected stores that a connector's source answers. The error of its last
// job stays until another job starts. A connector that waits for its
// configuration is [ErrNotReady].
func (c *Client) Connected(ctx context.Context, conn Connector) (Connector, error) {
	return c.Update(ctx, conn, func(conn Connector) (Patch, error) {
		switch {
		case !conn.ready():
			return nil, ErrNotReady
		case conn.Status == Connected && conn.Error == "", conn.jobFailed():
			return nil, nil
		}
		return Patch{"status": Connected, "error": nil}, nil
	})
}

// ready reports whether jobs may run.
func (c Connector) ready() bool {
	return c.Status == Configured || c.Status == Connected || c.Status == Errored
}

// jobFailed reports that the connector's error is that of its last job.
func (c Connector) jobFailed() bool {
	return c.Status == Errored && c.Error != "" && (c.Error == c.LastSyncError || c.Error == c.LastAccessSyncError)
}

// Errored stores why a connector can't sync, in a sentence that a user can act
// on. Nothing is written when it is stored already.
func (c *Client) Errored(ctx context.Context, conn Connector, message string) (Connector, error) {
	return c.Update(ctx, conn, func(conn Connector) (Patch, error) {
		p := Patch{}
		if p.fail(conn, message); len(p) == 0 {
			return nil, nil
		}
		return p, nil
	})
}

// ValidateDraft checks sync rules that somebody has edited and stores the
// result: valid ones become the active rules, the errors of others are shown
// with the draft. It reports false when no draft waits. Everything else of the
// filtering stays byte for byte.
func (c *Client) ValidateDraft(ctx context.Context, conn Connector, v rules.Validators) (Connector, rules.Validation, bool, error) {
	var result rules.Validation
	found := false
	conn, err := c.Update(ctx, conn, func(conn Connector) (Patch, error) {
		out, waits := rules.ParseFiltering(conn.Filtering).Validate(ctx, conn.Features.Rules(), v)
		if !waits || ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		result, found = out.Validation, true
		return Patch{"filtering": out.Filtering}, nil
	})
	return conn, result, found && err == nil, err
}
