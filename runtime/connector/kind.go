package connector

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"time"
)

// Kind is a type of source as its declaration describes it. Kinds are made by
// generated code; the registry of all of them is sources.All.
type Kind struct {
	// ServiceType is the name in connector documents, such as "mysql".
	ServiceType string
	// Aliases are other service types under which stored connectors know this
	// source.
	Aliases []string
	// Name is the name for people; About is one sentence.
	Name, About string
	// Abilities are what the source can do besides reading everything.
	Abilities []Ability
	// ConfigSchema is the JSON Schema (2020-12) of plain configuration values.
	ConfigSchema json.RawMessage
	// Configuration is the document of rich configurable fields that Kibana
	// shows and stores, with its default values.
	Configuration json.RawMessage
	// RulesSchema is the JSON Schema of the advanced rules; nil without them.
	RulesSchema json.RawMessage
	// CheckConfig returns every problem of a configuration, given as plain
	// values or as Kibana stores it. Secrets never appear in it.
	CheckConfig func(raw json.RawMessage) Problems
	// Prepare brings a stored configuration up to the declaration: new fields
	// are added, renamed ones get their names, and what Kibana shows of a
	// field is refreshed. Values, and what the declaration does not know, stay
	// byte for byte. Of nothing stored it makes Configuration. The result is
	// the same bytes when there is nothing to write. Warnings report what is
	// added, renamed or unknown; a text that is no configuration is a problem,
	// and is returned as it is.
	Prepare func(stored json.RawMessage) (prepared json.RawMessage, reports Problems)
	// SetValues prepares a stored configuration and gives fields new values,
	// which are texts as a user types them; an empty text takes the value away.
	// The problems are those of the whole configuration as it is then: it may
	// be written only when they hold no error.
	SetValues func(stored json.RawMessage, values map[string]string) (json.RawMessage, Problems)
	// CheckRules returns every problem of advanced rules; nil without them.
	CheckRules func(raw json.RawMessage) Problems
	// Identity returns what tells this configuration's documents from those
	// of another configuration of the same kind: the values of the fields
	// that the declaration names in x-identity, in that order.
	Identity func(raw json.RawMessage) ([]string, Problems)
	// Open makes a source from a configuration. It makes no request. The
	// error is Problems where the configuration is at fault.
	Open func(ctx context.Context, raw json.RawMessage, deps Deps) (Source, error)
}

// Is reports whether a service type names this kind.
func (k Kind) Is(serviceType string) bool {
	return k.ServiceType == serviceType || slices.Contains(k.Aliases, serviceType)
}

// Can reports whether the declaration lists an ability.
func (k Kind) Can(a Ability) bool {
	return slices.Contains(k.Abilities, a)
}

// Ability is something a source can do besides reading everything.
type Ability string

// The abilities, each with the interface that it promises.
const (
	AbilityAdvancedRules   Ability = "advanced_rules"    // reads Filter.AdvancedRules
	AbilityChanges         Ability = "changes"           // ChangeDetector
	AbilityIncremental     Ability = "incremental"       // Incremental
	AbilityAccessControl   Ability = "access_control"    // AccessController
	AbilityFieldTypes      Ability = "field_types"       // FieldTyper
	AbilityConfigCheck     Ability = "config_check"      // ConfigValidator
	AbilityBasicRulesCheck Ability = "basic_rules_check" // BasicRulesValidators
	AbilityRulesCheck      Ability = "rules_check"       // AdvancedRulesValidators
	AbilityBulkLimits      Ability = "bulk_limits"       // BulkTuner
)

// Deps is what the runtime lends a source. Sources build none of it.
type Deps struct {
	// HTTP is the client for every request; it retries, limits and logs.
	HTTP *http.Client
	// Log carries the connector's id on every line.
	Log *slog.Logger
	// Now is the clock.
	Now func() time.Time
	// Connector is the id of the connector that the source is opened for, or empty
	// where there is none. It is for what a source keeps in its system between
	// syncs and may share with nobody. Documents never depend on it.
	Connector string
}
